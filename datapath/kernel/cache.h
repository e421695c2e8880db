/* What the numbers in events mean: which namespace an id is, which device an ifindex is.
 *
 * Learnt from what observe() reads and apply() makes. All of it may be thrown away at any
 * time: then events say less, and nothing else changes. */
#ifndef DATAPATH_KERNEL_CACHE_H
#define DATAPATH_KERNEL_CACHE_H 1

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
	/* Where it was when it was last looked at: its place in some row, which it may
	 * have left. One device for each place; the name is "" of one without. */
	struct cache_place place;
	struct nl_link link; /* as last heard; a slave that we have just made: name and
				kind only */
	bool is_master;      /* some scope named it as one */
	uint32_t moved_to;   /* gone to some other namespace, with this ifindex */
	time_t renamed_at;   /* when its name was last seen to change; 0: never */
	bool is_new;         /* made by us; the first events about it tell nothing new */
	struct cache_key lower;  /* of an ipvlan: its master */
	struct cache_key member; /* of a master: an ipvlan of ours on it, ifindex 0 if
				    none is known */
	bool lacks_ipv6; /* IPv6 was off when it was to have an address or a route */
	bool has_routes; /* routes of ours lead out of it, or are to */
	bool declares_link_local; /* else those of its are the kernel's affair */
	uint64_t declared; /* cache_addr_bit() of each address that a row gives it */
	bool meets_foreign_route; /* a route of another device is in the way of one of its
				   */
	UT_hash_handle hh, by_place;
};

/* A name or path, and what it stands for. */
struct cache_text {
	char *text;
	bool is_live;
	int32_t nsid; /* of a live one */
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
	bool may_meet; /* some device may have 'meets_foreign_route' */
	size_t n_dead_paths;
};
void cache_clear(struct cache *k);
/* Events were lost: ids and ifindexes may stand for others by now. Only which paths there
 * are is kept. */
void cache_invalidate(struct cache *k);

/* 'process' (NULL: none): through which the text leads. */
void cache_note_netns(struct cache *k, const char *text, int32_t nsid, uint64_t inode,
		      const struct model_process *process);
/* True where 'text' was last seen to lead to that namespace of that process. */
bool cache_is_process(const struct cache *k, const char *text, uint64_t inode,
		      const struct model_process *process);
/* A path that stands for nothing yet. So many are remembered, the latest. */
#define CACHE_MAX_DEAD_PATHS 4096
void cache_note_path(struct cache *k, const char *text);
/* It stands for nothing, or for a namespace not looked at yet. */
void cache_drop_text(struct cache *k, const char *text);
/* What the namespace with that id is called; the list goes on with 'next'. NULL if by no
 * name. */
const struct cache_text *cache_texts(const struct cache *k, int32_t nsid);
/* The namespace is gone, with all that was in it. */
void cache_forget_netns(struct cache *k, int32_t nsid);

/* One bit of 64: which addresses are surely not declared. */
uint64_t cache_addr_bit(const struct ip_addr *addr);
/* What a row gives the device: events about these concern us. Whoever observes a device
 * or makes one says so. */
void cache_declare(struct cache_device *d, const struct ip_prefix *addresses,
		   size_t n_addresses, bool has_routes);
struct cache_device *cache_find(const struct cache *k, struct cache_key key);
/* Found, or made with the key alone. */
struct cache_device *cache_get(struct cache *k, struct cache_key key);
/* The one that was last seen there, NULL if none: it may be called otherwise by now, or
 * have gone to another namespace. */
struct cache_device *cache_find_place(const struct cache *k, int32_t nsid,
				      const char *name);
/* 'd' is there now. Whatever was there before has no place any more, and is forgotten if
 * it went to another namespace. */
void cache_set_place(struct cache *k, struct cache_device *d, int32_t nsid,
		     const char *name);
void cache_forget(struct cache *k, struct cache_key key);

#endif
