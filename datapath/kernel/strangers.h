/* Which devices that are not ours stand on which others: asked before the first slave is
 * made on a device, whose mode and flag would change theirs.
 *
 * A namespace is read once as a whole; after that its events, which all come through one
 * socket, keep what is here in step. All of it may be thrown away at any time: then the
 * namespaces are read again. What it says is a reason to ask for that device, no more. */
#ifndef DATAPATH_KERNEL_STRANGERS_H
#define DATAPATH_KERNEL_STRANGERS_H 1

#include "datapath/kernel/cache.h"

struct stranger {
	struct cache_key key;
	uint32_t lower; /* ifindex of the device below, in whatever namespace that is */
	UT_hash_handle hh;
};

struct strangers_netns;
struct strangers_made;

struct strangers {
	struct stranger *devices;
	struct strangers_netns *netns; /* that were read */
	struct strangers_made *made;   /* by us, and without an id yet */
};
void strangers_clear(struct strangers *s);

/* From an event, or while a namespace is read. One that stands on nothing, or has our
 * 'mark', is let go. */
void strangers_note(struct strangers *s, struct cache_key key, const struct nl_link *link,
		    uint32_t mark);
void strangers_drop(struct strangers *s, struct cache_key key);

/* A whole reading begins; what was noted before is void. It counts once it has ended. */
void strangers_begin(struct strangers *s, int32_t nsid);
void strangers_end(struct strangers *s, int32_t nsid);
bool strangers_is_read(const struct strangers *s, int32_t nsid);
/* The namespace is gone. */
void strangers_forget_netns(struct strangers *s, int32_t nsid);

/* One that we have just made is empty, and counts as read from the time it has an id. */
void strangers_note_made(struct strangers *s, uint64_t inode);
void strangers_note_id(struct strangers *s, uint64_t inode, int32_t nsid);

#endif
