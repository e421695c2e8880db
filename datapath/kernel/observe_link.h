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

struct found_name {
	int32_t nsid;
	char name[IFNAMSIZ]; /* padded with zeros */
};

struct detail;

/* A link that the kernel told us of. */
struct found {
	struct known_key key;
	struct found_name name;
	struct space *space;
	struct nl_link link;
	struct known_key lower; /* as one key over all namespaces; ifindex 0 if none */
	bool is_listed;         /* some slave or master of the model stands for it */
	const struct detail *detail; /* that has read what lies inside */
	UT_hash_handle by_key, by_name;
};

struct slave_look {
	const struct model_slave *scope;
	struct space *space;
	struct found *found;   /* at its place, by whatever kind; NULL: nothing */
	struct found *renamed; /* not at its place: what we last saw there is now called
				  otherwise */
	uint32_t moved_to; /* not at its place: went to some namespace, with this ifindex
			    */
	struct known_key was; /* not at its place: which device was there; ifindex 0 if
				 none is known */
};

struct master_look {
	const struct model_master *scope; /* NULL: a VLAN's link, or only found */
	const char *name;                 /* "": an unknown one */
	struct space *space;
	struct found *found, *upper; /* 'upper': what it is a port of */
	struct found *renamed;       /* not at its place: as in slave_look */
	struct known_key was;
	struct found *vlan_link;
	struct slave_look *slaves;
	size_t n_slaves;
	struct found *
		*others; /* ours on it, or renamed, that no row of the scope names */
	size_t n_others, cap_others;
	/* The port as some ipvlan shows it. */
	struct found *ours, *stranger;
	struct found *macvlan; /* or a VLAN on it: what keeps the device busy */
};

struct look {
	struct kernel *k;
	const struct model *scope;
	enum datapath_depth depth;
	struct arena *a;
	struct space_table spaces;
	struct found *by_key, *by_name;
	struct found **list;
	size_t n, cap;
	struct master_look *masters;
	size_t n_masters, cap_masters;
	bool is_dumped; /* all that can be seen was */
};

/* observe_link.c */
struct question {
	struct space *space;
	const char *name; /* NULL: by ifindex */
	uint32_t ifindex;
	bool may_be_gone;     /* the whole namespace, which has but an id */
	struct found *answer; /* NULL: no such link */
};
/* All in few sends. Those whose namespace is not live get no answer. ERR_INTERRUPTED
 * where a namespace went meanwhile. */
struct err *look_ask(struct look *l, struct question *questions, size_t n) MUST_CHECK;
/* All links of a live namespace. */
struct err *look_dump(struct look *l, struct space *s) MUST_CHECK;
/* Of every namespace with a name or an id here. */
struct err *look_dump_all(struct look *l) MUST_CHECK;
/* Of those alone that were never read as a whole (strangers.h). */
struct err *look_dump_unread(struct look *l) MUST_CHECK;
struct found *look_find(const struct look *l, struct known_key key);
struct found *look_find_name(const struct look *l, const struct space *s,
			     const char *name);
bool look_is_ours(const struct look *l,
		  const struct found *f); /* an ipvlan with our mark */
bool look_is_on(const struct found *f,
		const struct master_look *m); /* an ipvlan or ipvtap of its */
/* Neither ours nor one that a module puts into every namespace. */
bool look_is_strange(const struct look *l, const struct found *f);
void look_clear(struct look *l);

/* observe_ask.c: all questions of the scope, but for what lies inside namespaces. */
struct err *look_ask_all(struct look *l) MUST_CHECK;

/* observe_model.c */
void look_fill(struct look *l, struct model *have);
/* For events: what was found, by its numbers. */
void look_remember(struct look *l);

/* observe_detail.c */
/* One device of the model whose addresses and routes are read. */
struct detail {
	struct found *found; /* NULL: absent, only colliding routes are looked for */
	const struct space *space;
	struct model_slave *slave;        /* of 'have'; NULL: a master */
	struct model_master *master;      /* of 'have', where 'slave' is NULL */
	const struct ip_prefix *declared; /* addresses of the scope's slave */
	size_t n_declared;
	struct addr_look *addrs; /* as read so far: observe_addr.c's */
	size_t n_addrs, cap_addrs;
	const struct model_route *wanted; /* keys that a foreign route may hold */
	size_t n_wanted;
	const struct model_sysctl *sysctls; /* keys to read */
	size_t n_sysctls;
};
/* 'details' are sorted by namespace. */
struct err *look_read_details(struct look *l, struct detail *details,
			      size_t n) MUST_CHECK;

/* observe_addr.c: all addresses first, then all routes through the device, then the
 * model.
 */
struct nl_addr;
struct nl_route;
void detail_take_addr(struct look *l, struct detail *d, const struct nl_addr *a);
void detail_take_route(struct detail *d, const struct nl_route *r);
void detail_fill_addrs(struct look *l, struct detail *d);

#endif
