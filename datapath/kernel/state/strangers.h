/* Which foreign devices are on which others. This is needed before the first slave is
 * made on a device: its mode and flag would change theirs.
 *
 * A namespace is read once as a whole; after that its events, which all come through one
 * socket, keep the table up to date. It may be emptied at any time; then the namespaces
 * are read again. An entry is a reason to ask for that device, no more. */
#ifndef DATAPATH_KERNEL_STATE_STRANGERS_H
#define DATAPATH_KERNEL_STATE_STRANGERS_H 1

#include "datapath/kernel/state/cache.h"

struct stranger {
	struct cache_key key;
	/* The ifindex of the device below, in a namespace that is not known. */
	uint32_t lower;
	/* It has an address that a slave of ours lacks. */
	bool is_holder;
	bool is_seen; /* while its namespace is read */
	UT_hash_handle hh;
};

struct strangers_netns;
struct strangers_made;

/* A name of a namespace that no dump of all has read since it appeared. */
struct strangers_name {
	char *name;
	UT_hash_handle hh;
};

struct strangers {
	struct stranger *devices;
	struct strangers_netns *netns; /* that were read as a whole */
	struct strangers_made *made;   /* made by us, and without an id yet */
	struct strangers_name *names;
};
void strangers_clear(struct strangers *s);

/* From an event, or while a namespace is read. Drops a device that is on no other, or
 * that has our 'mark'. */
void strangers_note(struct strangers *s, struct cache_key key, const struct nl_link *link,
		    uint32_t mark);
void strangers_drop(struct strangers *s, struct cache_key key);

/* It has an address that a slave of ours lacks. */
void strangers_note_holder(struct strangers *s, struct cache_key key);
/* It has lost an address. Returns what it is on, once, if it was such a holder; else 0. */
uint32_t strangers_release(struct strangers *s, struct cache_key key);

/* Reading of a whole namespace begins, and ends: entries that were not noted in between are
 * dropped, and the namespace counts as read. */
void strangers_begin(struct strangers *s, int32_t nsid);
void strangers_end(struct strangers *s, int32_t nsid);
bool strangers_is_read(const struct strangers *s, int32_t nsid);
/* The namespace is gone. */
void strangers_forget_netns(struct strangers *s, int32_t nsid);

/* A namespace that we have just made is empty. It counts as read once it has an id. */
void strangers_note_made(struct strangers *s, uint64_t inode);
void strangers_note_id(struct strangers *s, uint64_t inode, int32_t nsid);

/* The name of a namespace appeared, or stands for another one; is gone. */
void strangers_note_name(struct strangers *s, const char *name);
void strangers_drop_name(struct strangers *s, const char *name);
/* They were read. */
void strangers_clear_names(struct strangers *s);

#endif
