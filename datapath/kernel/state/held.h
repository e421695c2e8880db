/* Namespaces that stay open from one call to the next, within one turn of the loop
 * (datapath_hold()): a descriptor and a socket in each, so that a pass enters it once.
 *
 * They are a copy of what the names lead to. They may be given up at any time: then a
 * namespace is opened by its name again, and nothing else changes. */
#ifndef DATAPATH_KERNEL_STATE_HELD_H
#define DATAPATH_KERNEL_STATE_HELD_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "lib/hash_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Far fewer than the usual RLIMIT_NOFILE of 1024, at two descriptors each. */
#define HELD_MAX 64

struct held_netns {
	char *name;
	uint64_t inode;
	int fd;
	/* NULL: none was needed yet. */
	struct nl_socket *sock;
	bool has_nsid;
	int32_t nsid; /* as kernel_nsid() returns it */
	UT_hash_handle hh;
};

struct held {
	bool is_on;
	/* Of this turn, never 0: what was made in it has the number. */
	unsigned int turn;
	struct held_netns *by_name;
};

void held_begin(struct held *h);
void held_end(struct held *h);
/* Room for 'n' more, or for none if that is more than HELD_MAX; closes what is held for
 * it. No socket of held_netns may be in use. */
bool held_make_room(struct held *h, size_t n);
struct held_netns *held_find(const struct held *h, const char *name);
/* Takes 'fd' and returns true if it is held from now on. Only a name in NETNS_DIR: what a
 * path leads to is found out each time. */
bool held_add(struct held *h, const char *name, uint64_t inode, int fd);
/* The name stands for nothing any more, or for something else. */
void held_drop(struct held *h, const char *name);
/* True if 'sock' is of one that is held. */
bool held_has_socket(const struct held *h, const struct nl_socket *sock);
/* A dump failed on it (nl_dump()): the next user opens another. */
void held_drop_socket(struct held *h, const struct nl_socket *sock);

#endif
