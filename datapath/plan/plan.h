/* The difference of want and have, as data: steps in order, and a verdict for each
 * object.
 *
 * plan.c is pure: no I/O, no clock, no log. What `ipvl-ctl diff` prints and what apply.c
 * runs is the same plan. Running a plan's steps and planning again gives no steps. */
#ifndef DATAPATH_PLAN_H
#define DATAPATH_PLAN_H 1

#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are done; a phase is over before the next begins.
 *
 * A step asks for a state: where it is so already it counts as done. A removal of what is
 * not there, an ADDR_ADD or ROUTE_ADD of exactly what is there and ours succeed (a plan
 * adds again what may go together with something else); another thing in its place is an
 * error, with the kernel's words. An ADDR_ADD of an address that is there makes it
 * permanent, and restores the routes that belong to it.
 *
 * A device is found by the slave's names: 'want', or 'have' where it is to go; removals,
 * PORT_SET and LINK_RENAME by 'have'. Steps after a rename carry a 'have' under the new
 * name. */
enum plan_op {
	PLAN_OP_ROUTE_DEL,
	PLAN_OP_ADDR_DEL,
	PLAN_OP_LINK_DEL,
	PLAN_OP_NETNS_DEL,
	PLAN_OP_VLAN_DEL,
	PLAN_OP_NETNS_ADD, /* lo is set up in it */
	PLAN_OP_VLAN_ADD,
	PLAN_OP_MASTER_SET, /* set up; mtu */
	PLAN_OP_PORT_SET,   /* mode and flag, through 'have', one of the port's slaves */
	PLAN_OP_LINK_ADD,   /* with mark, MTU, mode, flag; up unless sysctls come first */
	PLAN_OP_LINK_RENAME, /* of a device that is down */
	PLAN_OP_SYSCTL_SET,
	PLAN_OP_LINK_SET, /* mtu, up */
	PLAN_OP_ADDR_ADD,
	PLAN_OP_ROUTE_ADD,  /* with our protocol, EXCL */
	PLAN_OP_RESOLV_SET, /* /etc/netns/NAME/resolv.conf written, or removed if "" */
	PLAN_OP_N
};
const char *plan_op_name(enum plan_op op); /* "link_add", stable, for logs and tests */

#define PLAN_NO_STEP UINT32_MAX

struct plan_step {
	uint32_t id;    /* its place in the plan */
	uint32_t after; /* must have succeeded; PLAN_NO_STEP if free */
	enum plan_op op;
	bool is_disruptive; /* traffic that flowed may be lost */
	/* What it asks for was found so, or was not looked at: an earlier step may undo
	 * it. No evidence of a change. */
	bool is_precaution;
	const char *why; /* what was found, as drift tells it: "address 10.0.0.2/24 is
			    missing" */
	const struct model_master *master; /* as wanted; as found if no longer wanted;
					      NULL for netns steps */
	const struct model_slave
		*want; /* NULL: not wanted. LINK_DEL: not NULL if a row still names it */
	const struct model_slave
		*have; /* NULL: not there, or made anew by an earlier step */
	const struct model_netns *netns; /* of NETNS steps */
	union {
		struct {
			struct ip_prefix address; /* ADDR */
			struct ip_addr peer;      /* ADDR_DEL: as found, mostly none */
		};
		struct model_route route; /* ROUTE */
		struct model_sysctl sysctl;
		const char *resolv_conf; /* RESOLV_SET: the new text */
		struct {
			bool set_up;  /* MASTER_SET, LINK_SET */
			uint32_t mtu; /* 0: leave it */
		} link;
		struct {
			uint8_t mode, flag; /* PORT_SET, what is there now (the reason);
					       LINK_ADD takes master's */
		} port;
		/* LINK_ADD: what became of the device that stood there, as drift tells
		 * it. */
		const char *lost;
	} u;
};

/* How an object stands before the plan is run. */
enum plan_verdict_kind {
	PLAN_READY,    /* nothing to do */
	PLAN_WORK,     /* there are steps for it */
	PLAN_WAITING,  /* its master or namespace is missing */
	PLAN_CONFLICT, /* something foreign is in its place */
	PLAN_ERROR, /* the kernel reports what we cannot mend (a duplicate address on the
		       LAN) */
	PLAN_DISABLED,
};

struct plan_verdict {
	enum plan_verdict_kind kind;
	const struct model_master *master;      /* as wanted */
	const struct model_slave *slave;        /* as wanted; NULL: the master itself */
	const struct model_slave *have;         /* as found, NULL if absent */
	const struct model_master *have_master; /* as found */
	const char *message; /* a sentence for WAITING, CONFLICT and ERROR; else "" */
	/* What limits the object once the plan is done, without being ours to mend,
	 * whatever its kind: a sentence each, with cause and cure. */
	const char *const *warnings;
	size_t n_warnings;
};

struct plan {
	struct plan_step *steps;
	size_t n_steps;
	struct plan_verdict *verdicts; /* in want's order: each master, then its slaves;
					  not for MODEL_GONE */
	size_t n_verdicts;
};

/* 'want' and 'have' must outlive the plan; everything is made in 'a'.
 *
 * 'have' was observed with 'want' as its scope (a device of ours that is in 'have' and in
 * no row of 'want' is a leftover, and removed). 'want' may hold a part of what is
 * configured, if a namespace that is in it comes with all of its slaves: what resolv.conf
 * and the namespace's end depend on.
 *
 * Ownership: steps touch devices that are MODEL_OURS, routes with our protocol,
 * namespaces that are 'is_ours' and unchanged, a resolv.conf that we wrote. A master is
 * set up when something is first made on it, and never again: whoever takes it down later
 * has a reason. */
void plan_build(const struct model *want, const struct model *have, struct arena *a,
		struct plan **ret_plan);

enum plan_result_kind {
	PLAN_DONE,
	PLAN_SKIPPED, /* the step it depends on failed or was skipped */
	PLAN_FAILED,
};

struct plan_result {
	enum plan_result_kind kind;
	struct err *error;      /* of PLAN_FAILED; owned by the result */
	uint32_t ifindex;       /* of LINK_ADD */
	uint64_t inode, cookie; /* of NETNS_ADD; cookie 0: the kernel has none */
};
void plan_results_clear(struct plan_result *results, size_t n);

#endif
