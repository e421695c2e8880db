/* Network namespaces as files: names below /run/netns as `ip netns` makes them, and
 * absolute paths. */
#ifndef DATAPATH_KERNEL_FILES_NSFS_H
#define DATAPATH_KERNEL_FILES_NSFS_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

#define NETNS_DIR "/run/netns"
/* "/nsid/7" stands for a namespace that has no name here but an id: only to look and to
 * delete in. */
#define NETNS_ID_PREFIX "/nsid/"

enum netns_state {
	NETNS_MISSING,
	NETNS_DEAD, /* a file without a namespace on it */
	NETNS_LIVE,
	NETNS_OTHER,    /* something that is no network namespace, and stays */
	NETNS_DENIED,   /* may not be looked at */
	NETNS_REPLACED, /* of a process, and not the namespace that it is bound to: never
			   nsfs_stat()'s */
};

/* A name below NETNS_DIR, as against a path or "". */
bool nsfs_is_name(const char *text);
/* What the name or path 'text' stands for now; the inode where it is live. Opens nothing.
 */
enum netns_state nsfs_stat(const char *text, uint64_t *ret_inode);
/* A descriptor of the namespace 'text' ("" is the caller's own). ERR_NOT_FOUND where
 * there is none; ERR_INVALID where something else is, whose kind is the message ("a
 * directory"); ERR_PERMISSION, with the system's words, where it may not be opened:
 * nsfs_is_absent(). A descriptor keeps a deleted namespace and its addresses alive: hold
 * it no longer than one call. */
struct err *nsfs_open(const char *text, int *ret_fd, uint64_t *ret_inode) MUST_CHECK;

/* True where nsfs_open() failed because of what the text stands for, and not for want of
 * memory or descriptors. */
bool nsfs_is_absent(const struct err *e);

/* Enters the namespace of 'fd'; nsfs_leave() goes back to that of 'own_fd', or ends the
 * process: to go on in a wrong namespace would change a stranger's devices. */
struct err *nsfs_enter(int fd) MUST_CHECK;
void nsfs_leave(int own_fd);

/* A name's file was made a moment ago: who made it is about to mount a namespace on it.
 */
bool nsfs_is_young(const char *name);
/* A new namespace of that name, lo up in it. A dead file is replaced; ERR_EXISTS where it
 * lives; ERR_BUSY where the file is young, or `ip` has the folder: try again. */
struct err *nsfs_make(const char *name, int own_fd, uint64_t *ret_inode,
		      uint64_t *ret_cookie) MUST_CHECK;
/* Of the calling thread's namespace: a number that no other has in this boot. 0 where the
 * kernel has none (before Linux 5.14). */
uint64_t nsfs_cookie(void);
/* Takes the name away; processes inside keep the namespace. */
struct err *nsfs_remove(const char *name) MUST_CHECK;

#endif
