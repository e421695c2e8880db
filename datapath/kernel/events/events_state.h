/* What listening keeps from one drain() to the next. For events*.c alone. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_STATE_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_STATE_H 1

#include "datapath/kernel/state/cache.h"

struct watched_name;
struct awaited_file;

/* A device with our mark that no observation has seen. */
struct unseen_device {
	struct cache_key key;
	UT_hash_handle hh;
};

struct events {
	/* The provider's event_fd: readable when one of the following is. */
	int epoll_fd;
	/* Of all namespaces that have an id in ours. */
	int netlink_fd;
	/* On NETNS_DIR, or on its parent while that is missing; and on what awaited files
	 * are in. */
	int inotify_fd;
	/* Foreign files in the way of slaves (events_files.c), and the watch on their
	 * root. */
	struct awaited_file *awaited_files;
	int files_root;
	/* /proc/self/mountinfo, which wakes the loop. */
	int mounts_fd;
	/* The same file, polled to learn whether anything was mounted since the last
	 * poll. A poll resets the answer for its open file, and the loop's epoll polls
	 * 'mounts_fd' before we can. */
	int mounts_asked_fd;
	/* Another program has mounted something: all names are to be checked. */
	bool must_scan;
	/* We mounted or unmounted since the last drain(), and may have taken the report about
	 * another program for ours. */
	bool has_mounted, may_have_missed;
	int names_watch; /* on NETNS_DIR; -1: there is no folder */
	struct watched_name *names;
	struct unseen_device *unseen;
	char *buf;
};

#endif
