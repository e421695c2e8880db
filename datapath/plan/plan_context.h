/* What the files of this folder share while one plan is made. For this folder alone.
 *
 * plan.c pairs wanted and observed objects here; plan_decide.c sets the fates; the files
 * that make steps turn fates into drafts; plan_draft.c puts the drafts in order. */
#ifndef DATAPATH_PLAN_CONTEXT_H
#define DATAPATH_PLAN_CONTEXT_H 1

#include "datapath/link_type.h"
#include "datapath/plan/plan_step.h"
#include "lib/arena.h"

struct slave_plan;
struct master_plan;

/* A step whose index in the plan is not known yet. */
struct plan_draft {
	struct plan_step step;
	/* Made before this one; NULL if free. */
	struct plan_draft *after;
	/* The op among whose steps it is executed: its own, or a later one. */
	enum plan_op phase;
	/* How many steps of the same phase must come before, one after another. */
	uint32_t wave;
	/* Whose step it is: those of plan_draft_new(). */
	struct master_plan *m;
	struct slave_plan *s;
	/* It is run even if its object is held. */
	bool is_exempt;
	/* It is not run: the drift of its object is left as it is. */
	bool is_held;
};

/* Drafts of one phase and one object; they are adjacent in their list. */
struct plan_span {
	size_t first, n;
};

/* Sentences beside a verdict. */
struct plan_warnings {
	const char **texts;
	size_t n, cap;
};

enum slave_fate {
	/* No step touches the device: it waits, is in conflict, or is neither wanted nor
	 * present. */
	FATE_NONE,
	FATE_KEEP,
	/* Kept, but found under another name. */
	FATE_RENAME,
	FATE_MAKE,
	/* Removed and made again: what is present cannot be changed into what is
	 * wanted. */
	FATE_REMAKE,
	FATE_REMOVE,
	/* It stays as it is, without our mark. */
	FATE_RELEASE,
	/* Another program was handed it, and has taken it from its place: no step. */
	FATE_ELSEWHERE,
};

_Static_assert(PLAN_READY == 0 && FATE_NONE == 0,
	       "a new object is ready and not touched");

/* How many VLANs on VLANs are followed. Rows that form a circle end here. */
#define PLAN_MAX_VLAN_DEPTH 8

struct slave_plan {
	struct master_plan *master;
	/* NULL: no row wants it. */
	const struct model_slave *want;
	/* NULL: absent. Of FATE_RENAME and FATE_ELSEWHERE: where it was found. */
	const struct model_slave *have;
	/* What was observed at the place, a device or not; may be NULL. */
	const struct model_slave *found;
	/* Its namespace; the master's own by its name. */
	const char *netns;
	/* Why the namespace cannot be used: plan_netns_trouble(). */
	const char *trouble;
	/* plan_place_netns(). */
	const char *place;
	enum slave_fate fate;
	/* Of FATE_KEEP: the device is foreign, and is taken over. */
	bool adopts;
	/* WAITING, CONFLICT, ERROR, DISABLED; else READY. */
	enum plan_verdict_kind kind;
	const char *message;
	bool is_spent; /* plan_verdict */
	/* Of its LINK_DEL or LINK_RENAME. */
	const char *why;
	/* What differs is drift that is left as it is (plan_hold.c). */
	bool is_held;
	/* Of a held slave whose device is gone, what happened to it; else NULL. */
	const char *lost;
	/* What ends the device found: LINK_DEL, MASTER_DEL or NETNS_DEL. */
	struct plan_draft *removal;
	struct plan_draft *link; /* LINK_ADD, LINK_RENAME or LINK_ADOPT */
	struct plan_draft *vrf;  /* VRF_SET */
	struct plan_draft *up;   /* LINK_SET */
	/* The last step so far that gives something of it up. */
	struct plan_draft *release;
	struct plan_span route_dels, addr_adds;
	struct plan_warnings warnings;
	size_t n_steps;
	bool has_held_steps;
};

struct master_plan {
	const struct model_master *want; /* NULL: in no row */
	const struct model_master *have; /* NULL: absent */
	struct slave_plan *slaves;       /* as wanted, in want's order */
	size_t n_slaves;
	enum plan_verdict_kind kind;
	const char *message;
	bool is_decided, is_drafted;
	bool is_held; /* as of a slave */
	/* Why the namespace cannot be used: plan_netns_trouble(). */
	const char *trouble;
	bool is_wanted;      /* MODEL_PRESENT */
	bool removes_device; /* the device is one that ipvl made, and goes */
	bool makes_device;   /* it is made (after the removal, if both) */
	bool makes_links;    /* some slave is made on it */
	/* The device is foreign, and is taken over; it is one that ipvl made, and is given up. */
	bool adopts, releases_device;
	/* As it will be when slaves are handled; 0: of a VLAN that is still to be made,
	 * on a device that was not observed. */
	uint32_t mtu;
	struct plan_draft *del, *add, *adopt, *set;
	struct plan_draft *release; /* as of a slave */
	/* The removal of a slave that no new one can be beside; NULL: none. */
	struct plan_draft *room;
	/* MASTER_SET of the device below a VLAN, if no row names that device. */
	struct plan_draft *link_set;
	struct plan_span route_dels;
	struct plan_warnings warnings;
	size_t n_steps;
	bool has_held_steps;
};

/* A namespace with a name below /run/netns. */
struct netns_plan {
	const char *name;
	const struct model_netns *want; /* never NULL: made up if 'want' has none */
	const struct model_netns *have; /* NULL: not observed */
	bool is_used;                   /* a wanted slave or master is in it */
	bool is_doomed;                 /* ours, and no longer needed */
	struct plan_draft *add, *del;
};

/* Which object a place (namespace, name) belongs to. */
struct plan_place {
	const char *netns, *name; /* netns: plan_place_netns() */
	const char *text;         /* netns as in its row */
	bool is_wanted;           /* MODEL_PRESENT: has precedence */
	bool is_incumbent;
	size_t likeness;
	int order; /* in 'want': qsort() is not stable */
	/* struct slave_plan or struct master_plan. */
	void *owner;
};

/* An address that a step makes free. */
struct plan_freed {
	struct ip_addr addr;
	struct plan_draft *by;
};

/* What is to be recorded of a sysctl, or no longer, with the step that it stands for. */
struct plan_recording {
	struct plan_record record;
	const struct plan_draft *by; /* NULL: there is none */
	bool is_release;
};

struct plan_drafts {
	struct plan_draft **drafts;
	size_t n, cap;
};

struct plan_context {
	struct arena *arena;
	const struct model *want, *have;

	/* Those of 'want', in its order; then those only found, in the order of
	 * 'have'. */
	struct master_plan *masters;
	size_t n_wanted_masters, n_masters;
	/* Those of 'want', of all masters in a row. */
	struct slave_plan *slaves;
	size_t n_slaves;
	/* Devices of ours that were found and are in no row. */
	struct slave_plan *leftovers;
	size_t n_leftovers;
	/* Sorted by name. */
	struct netns_plan *netns;
	size_t n_netns;
	/* Live ones of 'have', sorted by inode, then text. */
	const struct model_netns **aliases;
	size_t n_aliases;
	/* Of slaves, sorted by place; the owner of the place comes first. */
	struct plan_place *places;
	size_t n_places;
	/* Of wanted masters, sorted likewise. */
	struct plan_place *master_places;

	/* Addresses that will be added, sorted. */
	struct ip_addr *claims;
	size_t n_claims, claims_cap;
	bool are_claims_sorted;
	/* Sorted by address once removals are drafted. */
	struct plan_freed *freed;
	size_t n_freed, freed_cap;
	bool are_freed_sorted;
	/* Of sysctls of masters. */
	struct plan_recording *records;
	size_t n_records, records_cap;
	struct plan_drafts ops[PLAN_OP_N];
	/* Those that are not run. */
	struct plan_drafts held;
};

/* The device found stays, perhaps under another name. */
static inline bool plan_slave_is_kept(const struct slave_plan *s)
{
	return s->fate == FATE_KEEP || s->fate == FATE_RENAME;
}

/* Its row gives its device up, and what else is ours of it. */
static inline bool plan_slave_is_released(const struct slave_plan *s)
{
	return s->want && s->want->intent == MODEL_RELEASED;
}

/* Once it is made, only its alias, by which it is found again, and its master are ipvl's. */
static inline bool plan_slave_is_handed_over(const struct slave_plan *s)
{
	return s->want && s->want->is_handed_over;
}

/* The device is made by this plan. */
static inline bool plan_slave_is_made(const struct slave_plan *s)
{
	return s->fate == FATE_MAKE || s->fate == FATE_REMAKE;
}

/* Once the plan is done, the wanted device is present. */
static inline bool plan_slave_will_exist(const struct slave_plan *s)
{
	return plan_slave_is_kept(s) || plan_slave_is_made(s) ||
	       s->fate == FATE_ELSEWHERE;
}

#endif
