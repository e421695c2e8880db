/* The state of one observation, and its questions about links. For observe*.c, and for
 * steps that look once more before they delete. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_LINK_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_LINK_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/state/nsid.h"
#include "lib/hash_table.h"

struct observed_name {
	int32_t nsid;
	char name[IFNAMSIZ]; /* padded with zeros */
};

struct observed_detail;

/* A link as the kernel reported it. */
struct observed_link {
	struct cache_key key;
	struct observed_name name;
	struct netns_ref *ns;
	struct nl_link link;
	struct nl_link_texts texts;
	/* The device below; the key is valid in all namespaces. ifindex 0 if none. */
	struct cache_key lower;
	bool is_listed; /* some slave or master of the model stands for it */
	bool is_shown;  /* the same, as ours on its master */
	/* What lies inside was read for this one. */
	const struct observed_detail *detail;
	UT_hash_handle by_key, by_name;
};

struct observed_slave {
	const struct model_slave *scope;
	struct netns_ref *ns;
	/* The device at its place, of whatever kind; NULL: none. */
	struct observed_link *found;
	/* If none, or if 'found' is another program's and ours may have left: the device that we
	 * last saw there, which now has another name. */
	struct observed_link *renamed;
	/* The same: its ifindex in the namespace that it was moved to. */
	uint32_t moved_to;
	/* The same: which device was there; ifindex 0 if unknown. */
	struct cache_key was;
	/* What has the name of the VRF that the scope declares; what 'found' is a member of. */
	struct observed_link *vrf, *upper;
};

struct observed_master {
	/* NULL: the device below a VLAN, or only found. */
	const struct model_master *scope;
	const char *name; /* "": unknown */
	struct netns_ref *ns;
	/* 'upper': the device that it is a port of. */
	struct observed_link *found, *upper;
	/* With `match`: as in model_master.seen; the device of the default route, 0 if there is
	 * none. */
	const char *candidates;
	const struct observed_link *other;
	uint32_t route_ifindex;
	bool has_dumped;               /* the links of its namespace were read for it */
	struct observed_link *renamed; /* If none: as in observed_slave. */
	struct cache_key was;
	struct observed_link *namesake; /* with `match`: the device of the label's name */
	struct observed_link *vlan_link;
	/* For each record of the scope's 'saved': its device, if that is not 'found'; else NULL.
	 * NULL: there is no record. */
	struct observed_link **left;
	struct observed_slave *slaves;
	size_t n_slaves;
	/* Devices of ours on it, or renamed ones, that no row of the scope names. */
	struct observed_link **others;
	size_t n_others, cap_others;
	/* A slave of ours on it, and a foreign device of the family of its slaves; of ipvlans,
	 * each shows mode and flag of the port. */
	struct observed_link *ours, *stranger;
	/* Addresses that its slaves declare and do not have, sorted. */
	struct ip_addr *lacks;
	size_t n_lacks, cap_lacks;
	/* Ours on it that another master lists; one that nothing lists. */
	struct observed_link **members, *unlisted;
	size_t n_members, cap_members;
	/* A foreign device of another family on it: the master is busy. 'keeper':
	 * model_master.seen.kept_by. */
	struct observed_link *rival, *keeper;
};

struct observation {
	struct kernel *k;
	const struct model *scope;
	enum datapath_depth depth;
	struct arena *a;
	struct netns_table netns;
	struct observed_link *by_key, *by_name;
	struct observed_link **list;
	size_t n, cap;
	struct observed_master *masters;
	size_t n_masters, cap_masters;
	bool is_dumped; /* everything that can be seen was dumped */
};

struct link_query {
	struct netns_ref *ns;
	const char *name; /* NULL: by ifindex */
	uint32_t ifindex;
	/* It may vanish, with its namespace, which only has an id. */
	bool may_be_gone;
	struct observed_link *answer; /* NULL: no such link */
};
/* Asks all, in few sends. Those in a namespace that is not live get no answer.
 * ERR_INTERRUPTED if a namespace vanished meanwhile. */
struct err *observe_link_ask(struct observation *o, struct link_query *questions,
			     size_t n) MUST_CHECK;
/* Reads all links of a live namespace. */
struct err *observe_link_dump(struct observation *o, struct netns_ref *s) MUST_CHECK;
/* Reads those of every namespace with a name or with an id in ours. */
struct err *observe_link_dump_all(struct observation *o) MUST_CHECK;
/* Reads those of namespaces that were never read as a whole (strangers.h). */
struct err *observe_link_dump_unread(struct observation *o) MUST_CHECK;
/* Of these, only those of namespaces of the scope, and of those that got a name since the
 * last dump of all. */
struct err *observe_link_dump_named(struct observation *o) MUST_CHECK;
struct observed_link *observe_link_find(const struct observation *o,
					struct cache_key key);
struct observed_link *observe_link_find_name(const struct observation *o,
					     const struct netns_ref *s, const char *name);
bool observe_link_is_ours(const struct observation *o,
			  /* True for a device with our mark that could be a slave. */
			  const struct observed_link *f);
/* True for a device with our mark of a kind that ipvl makes for masters. */
bool observe_link_is_our_master(const struct observation *o,
				const struct observed_link *f);
/* 'lower' is the device below 'f', of whatever kind. */
bool observe_link_stands_on(const struct observed_link *f,
			    const struct observed_link *lower);
bool observe_link_is_on(const struct observed_link *f,
			/* True for a device of any family on that master. */
			const struct observed_master *m);
/* What its slaves are, or are to be. */
const struct link_type *observe_link_type(const struct observed_master *m);
/* Of several strangers the first by name is shown, in whatever order they were read. */
bool observe_link_precedes(const struct observation *o, const struct observed_link *a,
			   const struct observed_link *b);
/* True for a device on that master that can stand beside its slaves. */
bool observe_link_is_sibling(const struct observed_link *f,
			     const struct observed_master *m);
/* The device below, as far as the masters of this observation show it; ifindex 0 if it is of no
 * family. */
struct cache_key observe_link_lower(const struct observation *o,
				    const struct observed_link *f);
/* True for a device that is neither ours, a slave or a master, nor one that a
 * module adds to every namespace. */
bool observe_link_is_foreign(const struct observation *o, const struct observed_link *f);
/* The text of its namespace; of one that was found by its id, the text that an earlier
 * observation saw. */
const char *observe_link_netns(const struct observation *o,
			       const struct observed_link *f);
/* The master that is this device; NULL: none of those observed. */
struct observed_master *observe_link_master_at(const struct observation *o,
					       struct cache_key key);
/* Its alias, its alternative names, and the VRF that it is a member of: "?" if that was not
 * asked for. */
void observe_link_show_texts(const struct observation *o, const struct observed_link *f,
			     struct model_slave *have);
/* Of the VRF that it is a member of; 0: of none. */
uint32_t observe_link_vrf_table(const struct observation *o,
				const struct observed_link *f);
/* What has the name of the VRF that the row declares; may be NULL. */
void observe_link_show_vrf(const struct observation *o, const struct observed_link *f,
			   struct model_slave *have);
void observe_link_clear(struct observation *o);

#endif
