/* Loads the namespaces of a model into the simulated kernel; texts for one namespace become
 * aliases of it. */
#include "datapath/sim/sim_load_netns.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <stdlib.h>

/* No observed device has it: the kernel counts from 1. */
#define OCCUPANT_IFINDEX INT32_MAX

struct twin_netns *sim_load_need_netns(struct twin_world *w, const char *name)
{
	struct twin_netns *s = twin_netns_find_alive(w, name);
	struct err *e = s ? NULL : twin_netns_add(w, name, &s);

	err_free(e);
	return s;
}

/* A loaded namespace, found by its inode when another text of it follows. */
struct loaded {
	uint64_t inode;
	struct twin_netns *ns;
	UT_hash_handle hh;
};

static struct twin_netns *find_same(const struct twin_world *w, const struct loaded *all,
				    const struct model_netns *n)
{
	struct loaded *found;

	if (n->seen.is_own)
		return twin_netns_find(w, "");
	HASH_FIND(hh, all, &n->seen.inode, sizeof(n->seen.inode), found);
	return found ? found->ns : NULL;
}

static void note_loaded(struct loaded **all, struct twin_netns *s)
{
	struct loaded *new = xcalloc(1, sizeof(*new));

	new->inode = s->inode;
	new->ns = s;
	HASH_ADD(hh, *all, inode, sizeof(new->inode), new);
}

static void load_namespace(struct twin_world *w, struct loaded **all,
			   const struct model_netns *n)
{
	struct twin_netns *s = n->seen.exists ? find_same(w, *all, n) : NULL;

	if (s)
		twin_netns_alias(w, n->name, s);
	if (n->seen.trouble)
		twin_netns_set_trouble(w, n->name, n->seen.trouble,
				       n->seen.what ? n->seen.what : "");
	if (n->seen.is_dead_file)
		err_free(twin_netns_put_file(w, n->name));
	if (n->seen.resolv_conf && *n->seen.resolv_conf)
		twin_file_set(w, n->name, n->seen.resolv_conf, false);
	if (!s && (n->seen.n_rules || n->seen.n_rejects))
		sim_load_need_netns(w, n->name);
	if (s || !n->seen.exists)
		return;
	s = sim_load_need_netns(w, n->name);
	s->inode = n->seen.inode;
	if (n->seen.cookie)
		s->start = n->seen.cookie;
	/* A namespace that is made later has another inode. */
	if (w->last_inode < s->inode)
		w->last_inode = s->inode;
	if (n->seen.is_occupied && !twin_link_find(s, "occupant")) {
		struct twin_link *l = twin_link_new(w, s, "occupant", "dummy");

		l->has_carrier = true;
		/* The number of a device that was observed would lead to this one. */
		l->ifindex = OCCUPANT_IFINDEX;
	}
	if (s->inode)
		note_loaded(all, s);
}

/* Names before paths, which may stand for the same: a plan deletes a namespace by its
 * name. */
void sim_load_netns(struct twin_world *w, const struct model *have)
{
	struct loaded *all = NULL, *l, *next;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < have->n_namespaces; i++) {
			if ((*have->namespaces[i].name == '/') == round)
				load_namespace(w, &all, &have->namespaces[i]);
		}
	}
	HASH_ITER (hh, all, l, next) {
		HASH_DEL(all, l);
		free(l); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
	}
}
