/* Loads the namespaces of an observed model into the simulated kernel, where texts for one become
 * aliases of it; and routes and rules. */
#include "datapath/sim/sim_load_netns.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_rule.h"
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

/* --- routes and rules --- */

/* A foreign route goes with the device that it is by, if the model has that one. */
static struct twin_link *device_of(struct twin_netns *s, struct twin_link *l,
				   const struct model_route *r)
{
	struct twin_link *by =
		r->seen_ifindex ? twin_link_find_index(s, r->seen_ifindex) : NULL;

	if (by)
		return by;
	return l && !r->seen_apart && !r->seen_ifindex ? l : twin_link_find(s, "lo");
}

/* 'l' NULL: the device that has them is absent, and these are foreign ones. */
static void load_routes(const struct twin_world *w, struct twin_link *l,
			struct twin_netns *s, const struct model_route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct model_route *route = &routes[i];
		struct twin_route r = {.route = *route,
				       .link = device_of(s, l, route),
				       .protocol = route->seen_foreign
							   ? TWIN_PROTO_STATIC
							   : w->config.route_protocol,
				       .type = TWIN_ROUTE_UNICAST,
				       .scope = twin_route_scope(route)};
		const struct twin_route *there = twin_route_find(s, route);

		if (model_route_is_reject(route)) {
			r.link = twin_link_find(s, "lo");
			r.type = (uint8_t)route->type;
			r.route.type = MODEL_ROUTE_UNICAST;
		}
		r.route.seen_foreign = r.route.seen_apart = false;
		r.route.seen_ifindex = 0;
		if (r.link && (!there || twin_route_is_automatic(there)))
			twin_route_put(s, &r, true);
	}
}

/* Each slave of the namespace shows all of them. */
static void load_rules(const struct twin_world *w, struct twin_netns *s,
		       const struct model_slave *slave)
{
	for (size_t i = 0; i < slave->n_rules; i++)
		twin_rule_put(s,
			      &(struct twin_rule){.rule = slave->rules[i],
						  .protocol = w->config.route_protocol});
	for (size_t i = 0; i < slave->seen.n_foreign_rules; i++)
		twin_rule_put(s,
			      &(struct twin_rule){
				      .rule = slave->seen.foreign_rules[i].rule,
				      .protocol = slave->seen.foreign_rules[i].protocol});
}

static void load_slave(const struct twin_world *w, const struct model_master *m,
		       const struct model_slave *s)
{
	struct twin_netns *ns =
		s->seen.namespace_missing
			? NULL
			: twin_netns_find_alive(w, *s->netns ? s->netns : m->netns);

	if (!ns)
		return;
	load_routes(w,
		    s->seen.presence != MODEL_ABSENT ? twin_link_find(ns, s->name) : NULL,
		    ns, s->routes, s->n_routes);
	load_rules(w, ns, s);
}

static void load_left(const struct twin_world *w, const struct model_netns *n)
{
	const struct model_slave shared = {.rules = n->seen.rules,
					   .n_rules = n->seen.n_rules};
	struct twin_netns *s = twin_netns_find_alive(w, n->name);

	if (!s)
		return;
	load_routes(w, NULL, s, n->seen.rejects, n->seen.n_rejects);
	load_rules(w, s, &shared);
}

void sim_load_inet(struct twin_world *w, const struct model *have)
{
	for (size_t i = 0; i < have->n_namespaces; i++)
		load_left(w, &have->namespaces[i]);
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];
		struct twin_netns *s = twin_netns_find_alive(w, m->netns);
		struct twin_link *l = s && m->seen.presence != MODEL_ABSENT
					      ? twin_link_find(s, model_master_device(m))
					      : NULL;

		for (size_t k = 0; k < m->n_slaves; k++)
			load_slave(w, m, &m->slaves[k]);
		if (l)
			load_routes(w, l, s, m->routes, m->n_routes);
	}
}
