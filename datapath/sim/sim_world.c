/* The namespaces of the simulated kernel, and the files of /etc/netns.
 *
 * As in all files with rules, ownership has no meaning here: it changes any device that
 * it is asked to. */
#include "datapath/sim/sim_world.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_link.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_INODE 4026532000ULL /* about where those of the kernel begin */

static struct sim_netns *new_netns(struct sim_world *w, const char *name)
{
	struct sim_netns *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->inode = s->start = ++w->last_inode;
	HASH_ADD_KEYPTR(hh, w->netns, s->name, strlen(s->name), s);
	return s;
}

void sim_world_init(struct sim_world *w, const struct datapath_config *config)
{
	struct sim_link *lo;

	*w = (struct sim_world){.config = *config, .last_inode = FIRST_INODE};
	w->events_end = &w->events;
	lo = sim_link_new(w, new_netns(w, ""), "lo", "");
	lo->is_up = true;
	lo->mtu = 65536;
}

static void free_netns(struct sim_netns *s)
{
	free(s->routes);
	free(s->what);
	free(s->name);
	free(s);
}

void sim_world_clear(struct sim_world *w)
{
	struct sim_netns *s, *next_ns;
	struct sim_link *l, *next_link;
	struct sim_event *e;

	w->is_silent = true;
	sim_world_reap(w);
	HASH_ITER (hh, w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			HASH_DEL(s->links, l);
			sim_link_free(l);
		}
		HASH_DEL(w->netns, s); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
		free_netns(s);
	}
	while (w->files) {
		struct sim_file *next = w->files->next;

		free(w->files->netns);
		free(w->files->text);
		free(w->files);
		w->files = next;
	}
	while ((e = sim_event_take(w)))
		sim_event_free(e);
}

struct sim_netns *sim_netns_find(const struct sim_world *w, const char *name)
{
	struct sim_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	return s && s->same ? s->same : s;
}

struct model_process sim_netns_process(const struct sim_world *w, const char *name)
{
	struct model_process p = {.pid = model_netns_pid(name)};
	struct sim_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	if (p.pid && s)
		p.start = s->start;
	return p;
}

struct sim_netns *sim_netns_find_alive(const struct sim_world *w, const char *name)
{
	struct sim_netns *s = sim_netns_find(w, name);

	return s && !s->is_dead_file && !s->trouble ? s : NULL;
}

struct err *sim_netns_add(struct sim_world *w, const char *name,
			  struct sim_netns **ret_ns)
{
	struct sim_netns *s = sim_netns_find(w, name);

	if (s && !s->is_dead_file)
		return sim_kernel_err(EEXIST, NULL);
	if (!s)
		s = new_netns(w, name);
	s->is_dead_file = false;
	s->inode = s->start = ++w->last_inode;
	sim_link_new(w, s, "lo", "")->is_up = true;
	sim_event_add(w, DATAPATH_NETNS_CHANGED, name, "", "namespace made");
	*ret_ns = s;
	return NULL;
}

void sim_netns_alias(struct sim_world *w, const char *name, struct sim_netns *same)
{
	new_netns(w, name)->same = same;
	sim_event_add(w, DATAPATH_NETNS_CHANGED, name, "", "namespace made");
}

void sim_netns_set_trouble(struct sim_world *w, const char *name,
			   enum model_netns_trouble trouble, const char *what)
{
	struct sim_netns *s = sim_netns_find(w, name);

	if (s)
		sim_netns_del(w, s);
	if (!trouble)
		return;
	s = new_netns(w, name);
	s->trouble = trouble;
	s->what = xstrdup(what);
	sim_event_add(w, DATAPATH_NETNS_CHANGED, name, "", "is no network namespace");
}

static void drop_alias(struct sim_world *w, struct sim_netns *s)
{
	HASH_DEL(w->netns, s);
	sim_event_add(w, DATAPATH_NETNS_CHANGED, s->name, "", "namespace deleted");
	free_netns(s);
}

bool sim_netns_unalias(struct sim_world *w, const char *name)
{
	struct sim_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	if (!s || !s->same)
		return false;
	drop_alias(w, s);
	return true;
}

void sim_netns_del(struct sim_world *w, struct sim_netns *s)
{
	struct sim_netns *alias, *next;

	HASH_ITER (hh, w->netns, alias, next) {
		if (alias->same == s)
			drop_alias(w, alias);
	}
	HASH_DEL(w->netns, s);
	sim_event_add(w, DATAPATH_NETNS_CHANGED, s->name, "", "namespace deleted");
	s->next_zombie = w->zombies;
	w->zombies = s;
}

/* kernel.md 7, 14: a device vanishes without an event in its namespace; only its master
 * gets an RTM_NEWLINK. */
static void reap_link(struct sim_world *w, struct sim_link *l)
{
	struct sim_link *lower = l->lower;
	bool was_silent = w->is_silent;

	while (l->uppers)
		sim_link_del(w, l->uppers);
	w->is_silent = true;
	sim_link_del(w, l);
	w->is_silent = was_silent;
	if (lower)
		sim_event_add(w, DATAPATH_MASTER_CHANGED, lower->ns->name, lower->name,
			      "%s", "");
}

void sim_world_reap(struct sim_world *w)
{
	while (w->zombies) {
		struct sim_netns *s = w->zombies;

		while (s->links)
			reap_link(w, s->links);
		w->zombies = s->next_zombie;
		free_netns(s);
	}
}

struct sim_file *sim_file_find(const struct sim_world *w, const char *netns)
{
	struct sim_file *f = w->files;

	while (f && strcmp(f->netns, netns) != 0)
		f = f->next;
	return f;
}

void sim_file_set(struct sim_world *w, const char *netns, const char *text,
		  bool is_foreign)
{
	struct sim_file *f = sim_file_find(w, netns);

	if (!f) {
		f = xcalloc(1, sizeof(*f));
		f->netns = xstrdup(netns);
		f->next = w->files;
		w->files = f;
	}
	free(f->text);
	f->text = xstrdup(text);
	f->is_foreign = is_foreign;
}
