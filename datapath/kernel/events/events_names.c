/* Which texts stand for which namespaces, and what changed since they were checked.
 *
 * inotify names a file, but reports it before a namespace is mounted on it, and no unmount
 * without an unlink. The mount table reports that something was mounted somewhere, which
 * starts a scan of everything: one stat(2) for each text. Our own mounts are taken out of
 * that, since they come by the thousand. */
#include "datapath/kernel/events/events_names.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/procfs.h"
#include "lib/alloc.h"

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct watched_name {
	char *text;
	enum netns_state state;
	uint64_t inode;
	struct model_process process; /* that it leads through */
	bool is_seen;                 /* in this scan */
	UT_hash_handle hh;
};

static struct watched_name *find(struct events *ev, const char *text)
{
	struct watched_name *n;

	HASH_FIND_STR(ev->names, text, n);
	return n;
}

static void forget(struct events *ev, struct watched_name *n)
{
	HASH_DELETE(hh, ev->names, n);
	free(n->text);
	free(n);
}

static void emit_change(struct kernel *k, struct event_sink *s, const char *text,
			const char *what)
{
	/* Its events have no name until the next observation gives it an id. */
	cache_drop_text(&k->cache, text);
	if (s)
		event_emit(s, &(struct datapath_event){.kind = DATAPATH_NETNS_CHANGED,
						       .netns = text,
						       .name = "",
						       .what = what});
}

static void forget_gone(struct kernel *k, struct event_sink *s, struct watched_name *n)
{
	emit_change(k, s, n->text, "is gone");
	strangers_drop_name(&k->strangers, n->text);
	forget(k->events, n);
}

static bool is_same(const struct model_process *a, const struct model_process *b)
{
	return a->pid == b->pid && a->start == b->start;
}

static void check(struct kernel *k, struct event_sink *s, const char *text)
{
	struct watched_name *n = find(k->events, text);
	uint64_t inode = 0;
	enum netns_state state = nsfs_stat(text, &inode);
	struct model_process process = procfs_process_of(text);
	bool is_new = !n;

	if (state == NETNS_MISSING) {
		if (n)
			forget_gone(k, s, n);
		return;
	}
	if (is_new) {
		n = xcalloc(1, sizeof(*n));
		n->text = xstrdup(text);
		HASH_ADD_KEYPTR(hh, k->events->names, n->text, strlen(n->text), n);
	}
	n->is_seen = true;
	if (!is_new && state == n->state && inode == n->inode &&
	    is_same(&process, &n->process))
		return;
	n->state = state;
	n->inode = inode;
	n->process = process;
	if (s && state == NETNS_LIVE && *text != '/')
		strangers_note_name(&k->strangers, text);
	/* An observation may have seen it first. */
	if (state == NETNS_LIVE && cache_is_process(&k->cache, text, inode, &process))
		return;
	emit_change(k, s, text,
		    state == NETNS_DEAD    ? "is a file without a namespace"
		    : state == NETNS_OTHER ? "is no network namespace"
		    : is_new               ? "appeared"
					   : "stands for another namespace");
}

void events_names_check(struct kernel *k, struct event_sink *s, const char *name)
{
	if (*name != '.')
		check(k, s, name);
}

void events_names_check_dead(struct kernel *k, struct event_sink *s)
{
	struct watched_name *n, *next;

	HASH_ITER (hh, k->events->names, n, next) {
		if (n->state == NETNS_DEAD)
			check(k, s, n->text);
	}
}

static void check_dir(struct kernel *k, struct event_sink *s)
{
	DIR *dir = opendir(NETNS_DIR);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		events_names_check(k, s, entry->d_name);
	closedir(dir);
}

/* Absolute paths that some observation has used. */
static void check_paths(struct kernel *k, struct event_sink *s)
{
	const struct cache_text *t;

	for (t = k->cache.texts; t; t = t->hh.next) {
		if (*t->text == '/')
			check(k, s, t->text);
	}
}

void events_names_scan(struct kernel *k, struct event_sink *s)
{
	struct watched_name *n, *next;

	HASH_ITER (hh, k->events->names, n, next)
		n->is_seen = false;
	check_dir(k, s);
	check_paths(k, s);
	HASH_ITER (hh, k->events->names, n, next) {
		if (!n->is_seen)
			forget_gone(k, s, n);
	}
}

bool events_names_are_mounts_changed(struct events *ev)
{
	struct pollfd p = {.fd = ev->mounts_asked_fd, .events = POLLPRI};

	return poll(&p, 1, 0) > 0;
}

void events_names_expect(struct kernel *k)
{
	k->events->must_scan |= events_names_are_mounts_changed(k->events);
}

/* Of a namespace that we made, or removed: nobody else's device is in it yet. */
void events_names_note(struct kernel *k, const char *name)
{
	struct watched_name *n = find(k->events, name);

	if (n)
		forget(k->events, n);
	check(k, NULL, name);
	/* What another program mounted since events_names_expect() is in the same report. */
	(void)events_names_are_mounts_changed(k->events);
	k->events->has_mounted = true;
}

void events_names_clear(struct events *ev)
{
	struct watched_name *n, *next;

	HASH_ITER (hh, ev->names, n, next)
		forget(ev, n);
}
