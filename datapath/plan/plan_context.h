/* What the plan*.c files share while one plan is made; nobody else includes this.
 *
 * Order of the work: plan.c pairs wanted and found objects, plan_decide.c settles the
 * fate of each, plan_netns.c, plan_master.c, plan_slave.c, plan_addr.c and plan_route.c
 * turn fates into drafts, and plan.c puts the drafts in order. */
#ifndef DATAPATH_PLAN_CONTEXT_H
#define DATAPATH_PLAN_CONTEXT_H 1

#include "datapath/plan/plan.h"

struct slave_work;
struct master_work;

/* A step before its place in the plan is known. */
struct draft {
	struct plan_step step;
	struct draft *after; /* made before this one; NULL if free */
	uint32_t wave;       /* how many steps of the same op must come before, one after
				another */
};

/* Drafts of one op that belong to one object: they stand together in their list. */
struct draft_span {
	size_t first, n;
};

/* Sentences beside a verdict (plan_warn.c). */
struct warnings {
	const char **texts;
	size_t n, cap;
};

enum slave_fate {
	FATE_NONE, /* no step touches the device: it waits, is in conflict, or is neither
		      wanted nor there */
	FATE_KEEP,
	FATE_RENAME, /* kept, but found under another name */
	FATE_MAKE,
	FATE_REMAKE, /* removed, then made: what is there cannot become what is wanted */
	FATE_REMOVE,
};

struct slave_work {
	struct master_work *master;
	const struct model_slave *want; /* NULL: no row wants it */
	const struct model_slave
		*have; /* NULL: nothing there; FATE_RENAME: under the name found */
	const struct model_slave
		*found;    /* what was seen of the place, a device or not; may be NULL */
	const char *netns; /* where it is, the master's own spelt out */
	const char *trouble; /* of its namespace: netns_trouble() */
	const char *place;   /* the same for all texts of that namespace: place_netns() */
	enum slave_fate fate;
	enum plan_verdict_kind kind; /* WAITING, CONFLICT, ERROR, DISABLED; else READY */
	const char *message;
	const char *why; /* of its LINK_DEL or LINK_RENAME */
	struct draft *
		removal; /* what ends the device found: LINK_DEL, VLAN_DEL or NETNS_DEL */
	struct draft *link; /* LINK_ADD or LINK_RENAME */
	struct draft *up;   /* LINK_SET */
	struct draft_span route_dels, addr_adds;
	struct warnings warnings;
	size_t n_steps;
};

struct master_work {
	const struct model_master *want; /* NULL: in no row */
	const struct model_master *have; /* NULL: nothing there */
	struct slave_work *slaves;       /* as wanted, in want's order */
	size_t n_slaves;
	enum plan_verdict_kind kind;
	const char *message;
	bool is_decided, is_drafted;
	const char *trouble; /* of its namespace: netns_trouble() */
	bool is_wanted;      /* MODEL_PRESENT */
	bool removes_vlan;   /* the device is a VLAN of ours that goes */
	bool makes_vlan;     /* … that is made (after removal, if both) */
	bool makes_links;    /* some slave is made on it */
	uint32_t mtu; /* as it will be when slaves are looked at; 0: of a VLAN yet to be
			 made */
	struct draft *vlan_del, *vlan_add, *set;
	struct draft *link_set; /* of the device below a VLAN, where no row names it */
	struct draft_span route_dels;
	struct warnings warnings;
	size_t n_steps;
};

/* A namespace with a name below /run/netns. */
struct space_work {
	const char *name;
	const struct model_netns *want; /* never NULL: made up where want has none */
	const struct model_netns *have; /* NULL: not looked at */
	bool is_used;                   /* a wanted slave or master is in it */
	bool is_doomed;                 /* ours, and of no more use */
	bool has_doomed;                /* a device of ours in it goes */
	struct draft *add, *del;
};

/* Which object a place (namespace, name) belongs to. */
struct place {
	const char *netns, *name; /* netns: as place_netns() gives it */
	const char *text;         /* … as its row has it */
	bool is_wanted;           /* MODEL_PRESENT: such a one wins the place */
	bool is_incumbent;
	size_t likeness;
	void *owner; /* struct slave_work, struct master_work */
};

/* An address that a step gives back to its port. */
struct freed {
	struct ip_addr addr;
	struct draft *by;
};

struct draft_list {
	struct draft **drafts;
	size_t n, cap;
};

struct plan_work {
	struct arena *arena;
	const struct model *want, *have;

	struct master_work *masters; /* want's, in its order; then those only found, in
					have's order */
	size_t n_wanted_masters, n_masters;
	struct slave_work *slaves; /* want's, all masters in a row */
	size_t n_slaves;
	struct slave_work *leftovers; /* of ours, found and in no row */
	size_t n_leftovers;
	struct space_work *spaces; /* sorted by name */
	size_t n_spaces;
	const struct model_netns **aliases; /* of 'have', live ones: sorted by inode, then
					       text */
	size_t n_aliases;
	struct place *places; /* of slaves: sorted by place, the winner first */
	size_t n_places;
	struct place *master_places; /* … of wanted masters */

	struct ip_addr *claims; /* addresses that will be added, sorted */
	size_t n_claims, claims_cap;
	struct freed *freed; /* sorted by address once removals are drafted */
	size_t n_freed, freed_cap;
	struct draft_list ops[PLAN_OP_N];
};

/* plan_decide.c */
void decide_masters(struct plan_work *w);
void decide_slaves(struct plan_work *w);
/* True where some step will add 'addr' to a slave that does not have it. */
bool is_claimed(const struct plan_work *w, const struct ip_addr *addr);

/* plan_place.c */
void collect_aliases(struct plan_work *w);
void collect_places(struct plan_work *w);
/* The one text that stands for all of this namespace's, "" for the daemon's own; 'netns'
 * itself where it is the only one. */
const char *place_netns(const struct plan_work *w, const char *netns);
/* The winner of a place, NULL if no row names it. */
struct slave_work *find_place(const struct plan_work *w, const char *netns,
			      const char *name);
struct master_work *find_master_place(const struct plan_work *w, const char *netns,
				      const char *name);

/* plan_trouble.c */
/* Why nothing can be done in 'netns', a sentence; NULL where it can. 'master_netns': its
 * master's. */
const char *netns_trouble(struct plan_work *w, const char *netns,
			  const char *master_netns);
/* Where the namespace is that of a process, which ends. */
void warn_of_process(struct plan_work *w, struct warnings *warnings, const char *netns);

/* plan_netns.c: namespaces with a name, and their resolv.conf. */
bool is_space_name(const char *netns);
/* True where the slave has nameservers or domains to search. */
bool wants_resolv(const struct slave_work *s);
void decide_spaces(struct plan_work *w);
/* NULL where 'netns' is no name below /run/netns, or nobody mentions it. */
struct space_work *find_space(const struct plan_work *w, const char *netns);
void draft_space_removals(struct plan_work *w);
void draft_space_creations(struct plan_work *w);
void draft_resolv(struct plan_work *w);

/* plan_master.c: the device, its port, its own routes. */
void draft_master_removals(struct plan_work *w, struct master_work *m);
void draft_master_creations(struct plan_work *w, struct master_work *m);
void draft_master_routes(struct plan_work *w, struct master_work *m);

/* plan_slave.c */
/* The device found stays, be it under another name. */
bool slave_is_kept(const struct slave_work *s);
/* Kept or made: once the plan is done, the wanted device is there. */
bool slave_will_exist(const struct slave_work *s);
void draft_slave_removals(struct plan_work *w, struct slave_work *s);
void draft_slave_creations(struct plan_work *w, struct slave_work *s);

/* plan_holder.c: addresses that the master itself holds. */
bool master_holds(const struct slave_work *s, const struct ip_addr *addr);
/* … and the slave does not have: it is not added. */
bool address_is_held(const struct slave_work *s, const struct ip_prefix *address);
/* The slave is in conflict for it. */
void set_held(struct plan_work *w, struct slave_work *s, const struct ip_prefix *address);
/* True where the kernel would refuse the route without such an address. */
bool route_is_held(const struct slave_work *s, const struct model_route *r);
/* plan_addr.c: addresses of a slave that is kept or made. */
/* True where the device that is kept has exactly this address, and keeps it. */
bool slave_has_address(const struct slave_work *s, const struct ip_prefix *address);
/* 'by' gives 'addr' back to its port. */
void note_freed(struct plan_work *w, const struct ip_addr *addr, struct draft *by);
void draft_address_removals(struct plan_work *w, struct slave_work *s);
void draft_address_creations(struct plan_work *w, struct slave_work *s);
/* True if removals may take the last IPv4 address, and with it every IPv4 route of the
 * device. */
bool addresses_take_routes(const struct slave_work *s);
/* A declared address that another host has is an error of the slave; a stranger's route
 * in place of its subnet's is a conflict. */
void find_bad_addresses(struct plan_work *w, struct slave_work *s);

/* plan_ipv6.c: an MTU too small for the IPv6 that a row declares. */
bool mtu_forbids_ipv6(const struct slave_work *s);
bool mtu_forbids_sysctl(const struct slave_work *s, const struct model_sysctl *sysctl);
/* The slave waits for another MTU of its master, or is in error for its own. */
void judge_mtu(struct plan_work *w, struct slave_work *s);

/* plan_warn.c: what limits an object beside its verdict. */
/* Adds a sentence; the same twice is one. Any part of the plan may do that. */
void warnings_add(struct plan_work *w, struct warnings *warnings, const char *text);
/* Those that follow from what will be once all drafts are done. */
void warn_all(struct plan_work *w);

/* plan_route.c: routes of a slave, or of a master where 's' is NULL. */
struct route_set {
	const struct model_route *want, *have;
	size_t n_want, n_have;
};
/* True where some wanted route has to be added. */
bool routes_miss_any(const struct route_set *r);
void draft_route_removals(struct plan_work *w, struct master_work *m,
			  struct slave_work *s, const struct route_set *r);
/* 'lost': IPv4 routes that are there go away with a removal of this plan; they are added
 * again. */
void draft_route_creations(struct plan_work *w, struct master_work *m,
			   struct slave_work *s, const struct route_set *r, bool lost);

/* plan.c */
/* A new draft; 'm' and 's' (either may be NULL) are whose it is. 'why' outlives the plan.
 */
struct draft *draft_new(struct plan_work *w, enum plan_op op, struct master_work *m,
			struct slave_work *s, const char *why);
/* The first that is not NULL becomes what 'd' waits for. Those given must be of 'd's op
 * or an earlier one. */
void draft_after(struct draft *d, struct draft *first, struct draft *second,
		 struct draft *third, struct draft *fourth);

/* plan_message.c: the sentences. All from the arena. */
const char *text_port(struct plan_work *w, uint8_t mode, uint8_t flag); /* "l3 bridge" */
const char *text_port_change(struct plan_work *w, const struct model_master *want,
			     uint8_t mode, uint8_t flag); /* "mode l2 -> l3" */
const char *text_waiting_for(struct plan_work *w, const char *what);
const char *text_awaited(struct plan_work *w, const struct model_netns *want);
const char *text_foreign_slave(struct plan_work *w, const struct slave_work *s);
const char *text_foreign_vlan(struct plan_work *w, const struct master_work *m);
/* What became of the device that is made in its place. */
const char *text_lost(struct plan_work *w, const struct slave_work *s);
const char *text_renamed_master(struct plan_work *w, const struct master_work *m);
const char *text_vlan_change(struct plan_work *w, const struct master_work *m);
const char *text_held_vlan(struct plan_work *w, const struct master_work *m);
const char *text_busy(struct plan_work *w, const struct master_work *m);
const char *text_stranger(struct plan_work *w, const struct master_work *m);
const char *text_foreign_route(struct plan_work *w, const struct master_work *m,
			       const struct slave_work *s, const struct model_route *r);
const char *text_foreign_resolv(struct plan_work *w, const char *netns);
const char *text_same_place(struct plan_work *w, const struct slave_work *s,
			    const struct slave_work *winner);
const char *text_same_master(struct plan_work *w, const struct master_work *m,
			     const struct master_work *winner);
const char *text_detour(struct plan_work *w, const struct slave_work *s,
			const struct ip_prefix *address);
const char *text_duplicate(struct plan_work *w, const struct ip_addr *addr);
/* 'root' is the device itself, or the one below a VLAN that is the cause. */
const char *text_master_down(struct plan_work *w, const struct master_work *m,
			     const struct model_master *root);
const char *text_no_carrier(struct plan_work *w, const struct master_work *m,
			    const struct model_master *root);
const char *text_held_address(struct plan_work *w, const struct slave_work *s,
			      const struct ip_prefix *address);
const char *text_shared_address(struct plan_work *w, const struct slave_work *s,
				const struct ip_prefix *address);
const char *text_no_resolv(struct plan_work *w, const struct slave_work *s);
const char *text_low_mtu(struct plan_work *w, const struct slave_work *s, uint32_t mtu);
const char *text_mtu_above(struct plan_work *w, const struct slave_work *s);
const char *text_address(struct plan_work *w, const struct ip_prefix *p,
			 const char *rest);
/* What is peculiar about an address, of those among 'notes'. */
const char *text_noted(struct plan_work *w, const struct model_address_seen *seen,
		       unsigned int notes);
const char *text_route(struct plan_work *w, const struct model_route *r,
		       const char *rest);

#endif
