/* What the numbers in events mean: which namespace an id is, which device an ifindex is.
 *
 * Filled by observations and by the steps that make devices. It may be emptied at any
 * time: then events carry less, and nothing else changes. */
#ifndef DATAPATH_KERNEL_STATE_CACHE_H
#define DATAPATH_KERNEL_STATE_CACHE_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/model.h"
#include "lib/hash_table.h"

#include <time.h>

struct cache_key {
	int32_t nsid; /* NSID_HERE: the daemon's own */
	uint32_t ifindex;
};

struct cache_place {
	int32_t nsid;
	char name[IFNAMSIZ]; /* padded with zeros */
};

struct cache_device {
	struct cache_key key;
	/* Where it was observed last: its place in some row, which it may have left
	 * since. A place has one device; the name of a device without a place is "". */
	struct cache_place place;
	/* As last received; of a slave that we have just made, name and kind only. */
	struct nl_link link;
	bool is_master; /* some scope named it as a master */
	/* Its place has the name of a master with `match`, not its own. */
	bool is_matched;
	/* Its ifindex in the namespace that it was moved to; 0: not moved. */
	uint32_t moved_to;
	time_t renamed_at; /* When its name was last seen to change; 0: never. */
	/* We made it; the first events about it carry nothing new. */
	bool is_new;
	/* IFF_NOARP of it changed, and it has no event of that yet. */
	bool has_flipped;
	/* Of a master, while flips are judged: devices of ours on it that are up, and that have
	 * flipped. */
	uint32_t n_up, n_flipped;
	/* held.h: the turn of the loop in which we made it; 0: before. */
	unsigned int made_in_turn;
	struct cache_key lower; /* of an ipvlan: its master */
	/* Of a master: an ipvlan of ours on it; ifindex 0 if none is known. */
	struct cache_key member;
	/* Of a master: cache_expect(), in that drain. */
	unsigned int n_expected, expected_in;
	bool lacks_ipv6; /* IPv6 was off when an address or a route was to be added. */
	bool has_routes; /* it has routes of ours, or is to have some */
	/* A row declares a link-local address; without that they belong to the kernel. */
	bool declares_link_local;
	/* cache_addr_bit() of each address that a row declares for it. */
	uint64_t declared;
	/* A route of another device has the key of one of its routes. */
	bool meets_foreign_route;
	UT_hash_handle hh, by_place;
};

/* A name or path, and what it stands for. */
struct cache_text {
	char *text;
	bool is_live;
	int32_t nsid; /* if live */
	uint64_t inode;
	struct model_process process;
	struct cache_text *next; /* another text for the same nsid */
	UT_hash_handle hh;
};

struct cache_netns {
	int32_t nsid;
	struct cache_text *texts;
	UT_hash_handle hh;
};

struct cache {
	struct cache_device *devices, *places;
	struct cache_text *texts;
	struct cache_netns *netns;
	unsigned int drain; /* cache_end_drain() */
	bool has_flips;     /* some device has flipped */
	bool may_meet;      /* some device may have 'meets_foreign_route' */
	size_t n_dead_paths;
};
void cache_clear(struct cache *k);
/* Events were lost: an id or an ifindex may stand for something else by now. Keeps only
 * the paths. */
void cache_invalidate(struct cache *k);

/* 'process': that the text leads through; NULL: none. */
void cache_note_netns(struct cache *k, const char *text, int32_t nsid, uint64_t inode,
		      const struct model_process *process);
/* True if 'text' led to that namespace of that process when it was last seen. */
bool cache_is_process(const struct cache *k, const char *text, uint64_t inode,
		      const struct model_process *process);
/* A path that stands for nothing yet. The latest of them are kept, up to this number. */
#define CACHE_MAX_DEAD_PATHS 4096
void cache_note_path(struct cache *k, const char *text);
/* The text stands for nothing, or for a namespace that was not observed yet. */
void cache_drop_text(struct cache *k, const char *text);
/* The texts of the namespace with that id, linked by 'next'; NULL if there is none. */
const struct cache_text *cache_texts(const struct cache *k, int32_t nsid);
/* The namespace is gone, with everything in it. */
void cache_forget_netns(struct cache *k, int32_t nsid);

/* One bit of 64. If it is not in 'declared', the address is certainly not declared. */
uint64_t cache_addr_bit(const struct ip_addr *addr);
/* What a row declares for the device: events about these matter. Called by an observation
 * and by the step that makes a device. */
void cache_declare(struct cache_device *d, const struct ip_prefix *addresses,
		   size_t n_addresses, bool has_routes);
struct cache_device *cache_find(const struct cache *k, struct cache_key key);
/* Adds it, with the key alone, if it is missing. */
struct cache_device *cache_get(struct cache *k, struct cache_key key);
/* The device that was last seen there, NULL if none. It may have another name by now, or
 * be in another namespace. */
struct cache_device *cache_find_place(const struct cache *k, int32_t nsid,
				      const char *name);
/* 'd' is there now. The device that was there before loses its place; it is dropped if it
 * was moved to another namespace. */
void cache_set_place(struct cache *k, struct cache_device *d, int32_t nsid,
		     const char *name);
/* No device is there any more: the one that was keeps its entry. */
void cache_clear_place(struct cache *k, int32_t nsid, const char *name);
void cache_forget(struct cache *k, struct cache_key key);

/* A step of ours has made or deleted a device on this master. The kernel reports the master for
 * that, once, as unchanged; its message waits to be drained. */
void cache_expect(struct cache *k, struct cache_key master);
/* True, once for each, if a message about the master as unchanged may be that. One of another
 * program's device beside it is one more. */
bool cache_take_expected(const struct cache *k, struct cache_device *master);
/* All messages have been read. */
void cache_end_drain(struct cache *k);

#endif
