/* The simulated kernel's namespaces, its files and what it tells: the frame in which
 * sim_link.c keeps the devices, sim_inet.c addresses and routes.
 *
 * No ownership is kept in any of them: like the kernel they do what they are told, to
 * anybody's device. */
#include "datapath/sim/sim_world.h"

#include "lib/alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_INODE 4026532000ULL /* about where the kernel's begin */

static void add_event(struct sim_world *w, enum datapath_event_kind kind,
		      const char *netns, const char *name, char *what, const char *by)
{
	struct sim_event *e = xcalloc(1, sizeof(*e));

	e->kind = kind;
	e->netns = xstrdup(netns);
	e->name = xstrdup(name);
	e->what = what;
	e->by = xstrdup(by);
	*w->events_end = e;
	w->events_end = &e->next;
}

void sim_tell(struct sim_world *w, enum datapath_event_kind kind, const char *netns,
	      const char *name, const char *format, ...)
{
	va_list args;

	if (w->is_silent)
		return;
	va_start(args, format);
	add_event(w, kind, netns, name, xvasprintf(format, args), "");
	va_end(args);
}

/* By each text of its namespace. */
static void add_device_events(struct sim_world *w, enum datapath_event_kind kind,
			      const struct sim_link *l, const char *what, const char *by)
{
	const struct sim_space *s, *next;

	HASH_ITER (hh, w->spaces, s, next) {
		if (s == l->space || s->same == l->space)
			add_event(w, kind, s->name, l->name, xstrdup(what), by);
	}
}

void sim_tell_link(struct sim_world *w, const struct sim_link *l, const char *format, ...)
{
	va_list args;
	char *what;

	if (w->is_silent)
		return;
	va_start(args, format);
	what = xvasprintf(format, args);
	va_end(args);
	add_device_events(w, DATAPATH_SLAVE_CHANGED, l, what, "");
	if (sim_link_is_ipvlan(l))
		l = l->lower;
	add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
	free(what);
}

void sim_tell_new(struct sim_world *w, const struct sim_link *l)
{
	const char *space = l->space->name;
	char *what, *by;

	if (w->is_silent)
		return;
	what = xasprintf("%s called %s added", *l->kind ? l->kind : "device", l->name);
	add_device_events(w, DATAPATH_SLAVE_CHANGED, l, what, "");
	by = xasprintf("the %s %s%s%s, which is not ours", l->kind, space,
		       *space ? "/" : "", l->name);
	if (sim_link_is_ipvlan(l))
		add_device_events(w, DATAPATH_MASTER_CHANGED, l->lower, "", by);
	else
		add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
	free(what);
	free(by);
}

static struct sim_space *new_space(struct sim_world *w, const char *name)
{
	struct sim_space *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->inode = s->start = ++w->last_inode;
	HASH_ADD_KEYPTR(hh, w->spaces, s->name, strlen(s->name), s);
	return s;
}

void sim_world_init(struct sim_world *w, const struct datapath_config *config)
{
	struct sim_link *lo;

	*w = (struct sim_world){.config = *config, .last_inode = FIRST_INODE};
	w->events_end = &w->events;
	lo = sim_link_new(w, new_space(w, ""), "lo", "");
	lo->is_up = true;
	lo->mtu = 65536;
}

static void free_space(struct sim_space *s)
{
	free(s->routes);
	free(s->what);
	free(s->name);
	free(s);
}

void sim_world_clear(struct sim_world *w)
{
	struct sim_space *s, *next_space;
	struct sim_link *l, *next_link;

	w->is_silent = true;
	sim_world_reap(w);
	HASH_ITER (hh, w->spaces, s, next_space) {
		HASH_ITER (hh, s->links, l, next_link) {
			HASH_DEL(s->links, l);
			sim_link_free(l);
		}
		HASH_DEL(w->spaces, s); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
		free_space(s);
	}
	while (w->files) {
		struct sim_file *next = w->files->next;

		free(w->files->netns);
		free(w->files->text);
		free(w->files);
		w->files = next;
	}
	while (w->events) {
		struct sim_event *next = w->events->next;

		free(w->events->netns);
		free(w->events->name);
		free(w->events->what);
		free(w->events->by);
		free(w->events);
		w->events = next;
	}
	w->events_end = &w->events;
}

struct sim_space *sim_space_find(const struct sim_world *w, const char *name)
{
	struct sim_space *s;

	HASH_FIND_STR(w->spaces, name, s);
	return s && s->same ? s->same : s;
}

struct model_process sim_space_process(const struct sim_world *w, const char *name)
{
	struct model_process p = {.pid = model_netns_pid(name)};
	struct sim_space *s;

	HASH_FIND_STR(w->spaces, name, s);
	if (p.pid && s)
		p.start = s->start;
	return p;
}

struct sim_space *sim_space_find_alive(const struct sim_world *w, const char *name)
{
	struct sim_space *s = sim_space_find(w, name);

	return s && !s->is_dead_file && !s->trouble ? s : NULL;
}

struct err *sim_space_add(struct sim_world *w, const char *name,
			  struct sim_space **ret_space)
{
	struct sim_space *s = sim_space_find(w, name);

	if (s && !s->is_dead_file)
		return sim_kernel_says(EEXIST, NULL);
	if (!s)
		s = new_space(w, name);
	s->is_dead_file = s->is_young = false;
	s->inode = s->start = ++w->last_inode;
	sim_link_new(w, s, "lo", "")->is_up = true;
	sim_tell(w, DATAPATH_NETNS_CHANGED, name, "", "namespace made");
	*ret_space = s;
	return NULL;
}

void sim_space_alias(struct sim_world *w, const char *name, struct sim_space *same)
{
	new_space(w, name)->same = same;
	sim_tell(w, DATAPATH_NETNS_CHANGED, name, "", "namespace made");
}

void sim_space_trouble(struct sim_world *w, const char *name,
		       enum model_netns_trouble trouble, const char *what)
{
	struct sim_space *s = sim_space_find(w, name);

	if (s)
		sim_space_del(w, s);
	if (!trouble)
		return;
	s = new_space(w, name);
	s->trouble = trouble;
	s->what = xstrdup(what);
	sim_tell(w, DATAPATH_NETNS_CHANGED, name, "", "is no network namespace");
}

static void drop_alias(struct sim_world *w, struct sim_space *s)
{
	HASH_DEL(w->spaces, s);
	sim_tell(w, DATAPATH_NETNS_CHANGED, s->name, "", "namespace deleted");
	free_space(s);
}

bool sim_space_unalias(struct sim_world *w, const char *name)
{
	struct sim_space *s;

	HASH_FIND_STR(w->spaces, name, s);
	if (!s || !s->same)
		return false;
	drop_alias(w, s);
	return true;
}

void sim_space_del(struct sim_world *w, struct sim_space *s)
{
	struct sim_space *alias, *next;

	HASH_ITER (hh, w->spaces, alias, next) {
		if (alias->same == s)
			drop_alias(w, alias);
	}
	HASH_DEL(w->spaces, s);
	sim_tell(w, DATAPATH_NETNS_CHANGED, s->name, "", "namespace deleted");
	s->next_zombie = w->zombies;
	w->zombies = s;
}

/* kernel.md 7, 14: a device dies without a word in its namespace; the master's
 * RTM_NEWLINK tells of it. */
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
		sim_tell(w, DATAPATH_MASTER_CHANGED, lower->space->name, lower->name,
			 "%s", "");
}

void sim_world_reap(struct sim_world *w)
{
	while (w->zombies) {
		struct sim_space *s = w->zombies;

		while (s->links)
			reap_link(w, s->links);
		w->zombies = s->next_zombie;
		free_space(s);
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
