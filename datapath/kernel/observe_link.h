/* What the observe*.c files share while one observation is made; nobody else includes
 * this.
 *
 * Order of the work: observe_ask.c decides what is asked for, observe_link.c puts the questions
 * and keeps the links found, observe_model.c fills the model, observe_detail.c adds what
 * lies inside namespaces: addresses (observe_addr.c), routes, sysctls. observe.c runs
 * them.
 */
#ifndef DATAPATH_KERNEL_OBSERVE_LINK_H
#define DATAPATH_KERNEL_OBSERVE_LINK_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/nsid.h"
#include "lib/hash_table.h"

struct observed_name {
	int32_t nsid;
	char name[IFNAMSIZ]; /* padded with zeros */
};

struct observed_detail;

/* A link that the kernel told us of. */
struct observed_link {
	struct cache_key key;
	struct observed_name name;
	struct netns_ref *ns;
	struct nl_link link;
	struct cache_key lower; /* as one key over all namespaces; ifindex 0 if none */
	bool is_listed;         /* some slave or master of the model stands for it */
	const struct observed_detail *detail; /* that has read what lies inside */
	UT_hash_handle by_key, by_name;
};

struct observed_slave {
	const struct model_slave *scope;
	struct netns_ref *ns;
	struct observed_link *found; /* at its place, by whatever kind; NULL: nothing */
	struct observed_link
		*renamed;  /* not at its place: what we last saw there is now called
				  otherwise */
	uint32_t moved_to; /* not at its place: went to some namespace, with this ifindex
			    */
	struct cache_key was; /* not at its place: which device was there; ifindex 0 if
				 none is known */
};

struct observed_master {
	const struct model_master *scope; /* NULL: a VLAN's link, or only found */
	const char *name;                 /* "": an unknown one */
	struct netns_ref *ns;
	struct observed_link *found, *upper; /* 'upper': what it is a port of */
	struct observed_link *renamed;       /* not at its place: as in observed_slave */
	struct cache_key was;
	struct observed_link *vlan_link;
	struct observed_slave *slaves;
	size_t n_slaves;
	struct observed_link *
		*others; /* ours on it, or renamed, that no row of the scope names */
	size_t n_others, cap_others;
	/* The port as some ipvlan shows it. */
	struct observed_link *ours, *stranger;
	struct observed_link *macvlan; /* or a VLAN on it: what keeps the device busy */
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
	bool is_dumped; /* all that can be seen was */
};

struct link_query {
	struct netns_ref *ns;
	const char *name; /* NULL: by ifindex */
	uint32_t ifindex;
	bool may_be_gone;             /* the whole namespace, which has but an id */
	struct observed_link *answer; /* NULL: no such link */
};
/* All in few sends. Those whose namespace is not live get no answer. ERR_INTERRUPTED
 * where a namespace went meanwhile. */
struct err *observe_link_ask(struct observation *o, struct link_query *questions,
			     size_t n) MUST_CHECK;
/* All links of a live namespace. */
struct err *observe_link_dump(struct observation *o, struct netns_ref *s) MUST_CHECK;
/* Of every namespace with a name or an id here. */
struct err *observe_link_dump_all(struct observation *o) MUST_CHECK;
/* Of those alone that were never read as a whole (strangers.h). */
struct err *observe_link_dump_unread(struct observation *o) MUST_CHECK;
struct observed_link *observe_link_find(const struct observation *o,
					struct cache_key key);
struct observed_link *observe_link_find_name(const struct observation *o,
					     const struct netns_ref *s, const char *name);
bool observe_link_is_ours(const struct observation *o,
			  const struct observed_link *f); /* an ipvlan with our mark */
bool observe_link_is_on(const struct observed_link *f,
			const struct observed_master *m); /* an ipvlan or ipvtap of its */
/* Neither ours nor one that a module puts into every namespace. */
bool observe_link_is_foreign(const struct observation *o, const struct observed_link *f);
void observe_link_clear(struct observation *o);

#endif
