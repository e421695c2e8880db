/* Network namespaces as files of nsfs: names below /run/netns as `ip netns` makes them,
 * and absolute paths. */
#ifndef DATAPATH_KERNEL_FILES_NSFS_H
#define DATAPATH_KERNEL_FILES_NSFS_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

#define NETNS_DIR "/run/netns"
/* "/nsid/7" stands for a namespace that has no name here, but an id. It can be read, and
 * devices can be deleted in it; it cannot be entered. */
#define NETNS_ID_PREFIX "/nsid/"

enum netns_state {
	NETNS_MISSING,
	NETNS_DEAD, /* a file without a namespace on it */
	NETNS_LIVE,
	NETNS_OTHER,  /* something that is no network namespace */
	NETNS_DENIED, /* it may not be opened */
	/* Of a process, and not the namespace that it is bound to; never returned by
	 * nsfs_stat(). */
	NETNS_REPLACED,
};

/* True for a name below NETNS_DIR, false for a path or "". */
bool nsfs_is_name(const char *text);
/* It begins with NETNS_ID_PREFIX. */
bool nsfs_is_id(const char *text);
/* What the name or path 'text' stands for now, and the inode of a live one. Opens
 * nothing. */
enum netns_state nsfs_stat(const char *text, uint64_t *ret_inode);
/* A descriptor of the namespace 'text'; "" is the caller's own. ERR_NOT_FOUND: there is
 * none. ERR_INVALID: something else is there, and the message is its kind ("a
 * directory"). ERR_PERMISSION: it may not be opened; the message is that of the system.
 * nsfs_is_absent() covers these three. A descriptor keeps a deleted namespace and its
 * addresses alive: hold it no longer than one call. */
struct err *nsfs_open(const char *text, int *ret_fd, uint64_t *ret_inode) MUST_CHECK;

/* True if nsfs_open() failed because of what the text stands for, and not for lack of
 * memory or descriptors. */
bool nsfs_is_absent(const struct err *e);

/* Enters the namespace of 'fd'. nsfs_leave() goes back to that of 'own_fd', or ends the
 * process: in a wrong namespace it would change other programs' devices. */
struct err *nsfs_enter(int fd) MUST_CHECK;
void nsfs_leave(int own_fd);

/* Makes NETNS_DIR, as `ip netns add` does. ERR_BUSY: `ip` has locked it; try again. */
struct err *nsfs_prepare(void) MUST_CHECK;

struct nl_socket;
struct nsfs_made {
	uint64_t inode, cookie;
	int fd;                 /* the caller's; see nsfs_open() */
	struct nl_socket *sock; /* in the namespace; the caller's */
};
/* Makes a namespace of that name, with lo up, in the folder that nsfs_prepare() made. 'port':
 * of the socket. Replaces a dead file. ERR_EXISTS: the name is in use. ERR_BUSY: the file is
 * young; try again. */
struct err *nsfs_make(const char *name, int own_fd, uint32_t port,
		      struct nsfs_made *ret_made) MUST_CHECK;
/* The cookie of the calling thread's namespace, unique in this boot. 0 if the kernel has
 * none (before Linux 5.14). */
uint64_t nsfs_cookie(void);
/* Removes the name, also a dead file. Processes inside keep the namespace. ERR_BUSY: the
 * file is young, and dead; try again. */
struct err *nsfs_remove(const char *name) MUST_CHECK;

#endif
