/* Who waits for a foreign resolv.conf to go: one watch on its folder, and one on /etc/netns,
 * where the folder itself may be what is in the way.
 *
 * Each watch reports one change and is gone (IN_ONESHOT): while nobody waits, nothing wakes
 * the loop, and no file of ours is watched when it is written. */
#include "datapath/kernel/events/events_files.h"

#include "datapath/kernel/events/events_state.h"
#include "lib/alloc.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define CHANGES                                                                          \
	(IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE |          \
	 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONESHOT)

struct awaited_file {
	char *netns, *name;
	int folder; /* its watch; -1: there is no folder */
	struct awaited_file *next;
};

static struct awaited_file *find(const struct events *ev, const char *netns,
				 const char *name)
{
	struct awaited_file *f = ev->awaited_files;

	while (f && (strcmp(f->netns, netns) != 0 || strcmp(f->name, name) != 0))
		f = f->next;
	return f;
}

void events_files_await(struct kernel *k, const char *netns, const char *name)
{
	struct events *ev = k->events;
	struct awaited_file *f = find(ev, netns, name);
	char path[PATH_MAX];

	if (!f) {
		f = xcalloc(1, sizeof(*f));
		f->netns = xstrdup(netns);
		f->name = xstrdup(name);
		f->next = ev->awaited_files;
		ev->awaited_files = f;
	}
	snprintf(path, sizeof(path), "%s/%s", k->resolv.root, netns);
	f->folder = inotify_add_watch(ev->inotify_fd, path, CHANGES);
	ev->files_root = inotify_add_watch(ev->inotify_fd, k->resolv.root, CHANGES);
}

static void free_file(struct awaited_file *f)
{
	free(f->netns);
	free(f->name);
	free(f);
}

void events_files_take(struct event_sink *s, const struct inotify_event *message)
{
	struct events *ev = s->k->events;
	struct awaited_file **at = &ev->awaited_files;
	bool is_any = message->wd == ev->files_root || message->mask & IN_Q_OVERFLOW;

	while (*at) {
		struct awaited_file *f = *at;

		if (!is_any && f->folder != message->wd) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		event_emit(s, &(struct datapath_event){.kind = DATAPATH_SLAVE_CHANGED,
						       .netns = f->netns,
						       .name = f->name,
						       .what = "resolv.conf changed"});
		free_file(f);
	}
}

void events_files_clear(struct events *ev)
{
	while (ev->awaited_files) {
		struct awaited_file *f = ev->awaited_files;

		ev->awaited_files = f->next;
		free_file(f);
	}
}
