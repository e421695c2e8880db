/* What the events*.c files share; nobody else includes this.
 *
 * events.c owns the descriptors and reads them; events_decode.c makes sentences of
 * rtnetlink's messages; events_names.c tells which names below /run/netns came and went.
 */
#ifndef DATAPATH_KERNEL_EVENTS_H
#define DATAPATH_KERNEL_EVENTS_H 1

#include "datapath/kernel/kernel_state.h"
#include "lib/hash_table.h"

struct watched_name;

struct events {
	int epoll_fd; /* the provider's event_fd: readable when one of the following is */
	int netlink_fd; /* all namespaces with an id here */
	int inotify_fd; /* NETNS_DIR, or its parent as long as it is missing */
	int mounts_fd;  /* /proc/self/mountinfo: wakes */
	/* The same file: answers whether anything was mounted since it was last asked.
	 * Polling resets the answer for that open file, and the loop's own epoll polls
	 * 'mounts_fd' before we can. */
	int mounts_asked_fd;
	struct watched_name *names;
	struct unseen *unseen;
	char *buf;
};

/* A device with our mark that no observation has seen. */
struct unseen {
	struct known_key key;
	UT_hash_handle hh;
};

struct said {
	char *text;
	UT_hash_handle hh;
};

/* One drain(): what is said twice is passed on once. */
struct saying {
	struct kernel *k;
	struct arena *a;
	datapath_event_fn *fn;
	void *aux;
	struct said *said;
};
void say(struct saying *s, const struct datapath_event *e);

/* events_decode.c: one message of the namespace with that id. */
void say_message(struct saying *s, int32_t nsid, const struct nlmsghdr *h);
/* When no message is left: something with our mark is where we do not look. */
void say_unseen(struct saying *s);
void unseen_clear(struct events *ev);

/* events_names.c */
/* Looks at all names again and tells the differences; 's' NULL: tells nobody. */
void names_scan(struct kernel *k, struct saying *s);
void names_clear(struct events *ev);

#endif
