/* A plan as data: steps in order, a verdict for each object, and the results of steps.
 *
 * What `ipvl-ctl diff` prints and what datapath/apply.c runs is the same plan. */
#ifndef DATAPATH_PLAN_STEP_H
#define DATAPATH_PLAN_STEP_H 1

#include "datapath/model.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of execution: all steps of one op are done before the next op begins. A sysctl
 * that does not exist before a LINK_SET or ADDR_ADD comes right behind it.
 *
 * A step asks for a state. Where the state holds already, the step counts as done: a
 * removal of something absent succeeds, and so does an ADDR_ADD, ROUTE_ADD or RULE_ADD of exactly
 * what is present and ours (a plan repeats what may disappear together with something
 * else). Another object in its place is an error, with the kernel's message. An ADDR_ADD
 * of an address that is present makes it permanent and restores the routes that belong to
 * it.
 *
 * A step finds its device by the slave's namespace and name: those of 'want', or of
 * 'have' where the device is to go. Removals, PORT_SET and LINK_RENAME use 'have'. Steps
 * after a rename carry a 'have' with the new name. */
enum plan_op {
	/* Our mark for a foreign device: that of 'have', by its ifindex, or a master. First of
	 * all: what follows is done to a device of ours. */
	PLAN_OP_LINK_ADOPT,
	/* Of the namespace of 'have'. Before the routes of its table go. */
	PLAN_OP_RULE_DEL,
	/* Another protocol number for what is ours, in place: it is the administrator's. */
	PLAN_OP_ROUTE_RELEASE,
	PLAN_OP_RULE_RELEASE,
	PLAN_OP_ROUTE_DEL,
	PLAN_OP_ADDR_DEL,
	PLAN_OP_ALTNAME_DEL,
	PLAN_OP_LINK_DEL,
	/* With the slaves that are in it, which go even if another process keeps the namespace
	 * alive without its name. */
	PLAN_OP_NETNS_DEL,
	/* Of a device that ipvl made for a master; with what is on it. */
	PLAN_OP_MASTER_DEL,
	/* Sets lo up in it. */
	PLAN_OP_NETNS_ADD,
	/* A VLAN, dummy or bridge: model_master_made_kind(). With mark and MTU. */
	PLAN_OP_MASTER_ADD,
	/* Set up; MTU. */
	PLAN_OP_MASTER_SET,
	/* Mode and flag. Of a port through 'have', one of its slaves, and 'want' is NULL; of
	 * slaves that have their own (LINK_HAS_PORT), those of the slave. */
	PLAN_OP_PORT_SET,
	/* With mark, MTU, mode and flag; set up at once unless sysctls come first. */
	PLAN_OP_LINK_ADD,
	/* Of a device that is down. */
	PLAN_OP_LINK_RENAME,
	/* The kernel ignores both names in the message that makes a device (kernel.md 4). */
	PLAN_OP_ALTNAME_ADD,
	PLAN_OP_ALIAS_SET,
	/* A member of a VRF, or of none. A device that is up is set down and up, which takes its
	 * routes and IPv6 addresses (kernel.md 35). */
	PLAN_OP_VRF_SET,
	/* Of a slave, or of the master if the step has no slave. */
	PLAN_OP_SYSCTL_SET,
	/* MTU; set up; ARP. */
	PLAN_OP_LINK_SET,
	PLAN_OP_ADDR_ADD,
	/* With our protocol number, and only if no route has the key. */
	PLAN_OP_ROUTE_ADD,
	/* In the place of a foreign one with the same key, at once. */
	PLAN_OP_ROUTE_ADOPT,
	/* With our protocol number. Once the routes of its table are there. */
	PLAN_OP_RULE_ADD,
	/* The same, and then an equal one of another program goes. */
	PLAN_OP_RULE_ADOPT,
	/* Writes /etc/netns/NAME/resolv.conf; removes it if the text is "". */
	PLAN_OP_RESOLV_SET,
	/* Takes our mark off a device of ours, or off a master that ipvl made. Last of all: until
	 * then it is ours, and what failed is tried again. */
	PLAN_OP_LINK_RELEASE,
	PLAN_OP_N
};
_Static_assert(PLAN_OP_ADDR_DEL < PLAN_OP_LINK_DEL &&
		       PLAN_OP_LINK_DEL < PLAN_OP_MASTER_DEL &&
		       PLAN_OP_MASTER_DEL < PLAN_OP_NETNS_ADD,
	       "what is removed makes room for what is made");
_Static_assert(PLAN_OP_ALTNAME_DEL < PLAN_OP_LINK_ADD &&
		       PLAN_OP_LINK_RENAME < PLAN_OP_ALTNAME_ADD,
	       "a name that one device loses, another may get");
_Static_assert(PLAN_OP_LINK_ADOPT == 0 && PLAN_OP_LINK_RELEASE == PLAN_OP_N - 1,
	       "a device is ours before the first step on it, and until the last");
_Static_assert(PLAN_OP_ROUTE_RELEASE < PLAN_OP_RULE_RELEASE,
	       "plan_transfer.c has them wait for each other in this order");
_Static_assert(PLAN_OP_RULE_DEL < PLAN_OP_ROUTE_DEL &&
		       PLAN_OP_ROUTE_ADD < PLAN_OP_ROUTE_ADOPT &&
		       PLAN_OP_ROUTE_ADOPT < PLAN_OP_RULE_ADD,
	       "no rule leads to a table that is not complete");
_Static_assert(PLAN_OP_NETNS_ADD < PLAN_OP_LINK_ADD &&
		       PLAN_OP_MASTER_ADD < PLAN_OP_MASTER_SET &&
		       PLAN_OP_MASTER_SET < PLAN_OP_LINK_ADD &&
		       PLAN_OP_LINK_ADD < PLAN_OP_LINK_SET &&
		       PLAN_OP_LINK_SET < PLAN_OP_ADDR_ADD &&
		       PLAN_OP_ADDR_ADD < PLAN_OP_ROUTE_ADD,
	       "what is made stands on what was made before");
/* The object changes hands: LINK_ADOPT to LINK_RELEASE. */
static inline bool plan_op_is_transfer(enum plan_op op)
{
	return op == PLAN_OP_LINK_ADOPT || op == PLAN_OP_ROUTE_ADOPT ||
	       op == PLAN_OP_RULE_ADOPT || op == PLAN_OP_LINK_RELEASE ||
	       op == PLAN_OP_ROUTE_RELEASE || op == PLAN_OP_RULE_RELEASE;
}

#define PLAN_NO_STEP UINT32_MAX

struct plan_step {
	uint32_t id;    /* its index in the plan */
	uint32_t after; /* this step must succeed first; PLAN_NO_STEP if none */
	enum plan_op op;
	/* What traffic that flowed before may lose: "10.0.0.2 goes away". NULL: nothing, the
	 * step is hitless. */
	const char *loss;
	/* The state was found as asked for, or was not observed; an earlier step may undo
	 * it. No evidence of a change. */
	bool is_precaution;
	/* What was found, without the object: "is missing", "mtu 1500 -> 1400". */
	const char *why;
	/* As wanted; as found if it is no longer wanted; NULL for steps on namespaces. */
	const struct model_master *master;
	/* Of a master with 'match', as observed: its device is found by that ifindex. NULL: by
	 * the name of 'master'. */
	const struct model_master *matched;
	/* NULL: not wanted. Of LINK_DEL: not NULL if a row still names the slave. */
	const struct model_slave *want;
	/* NULL: absent, or made again by an earlier step. */
	const struct model_slave *have;
	/* Of steps on namespaces. */
	const struct model_netns *netns;
	union {
		struct {
			struct ip_prefix address; /* ADDR */
			struct ip_addr peer;      /* ADDR_DEL: as found; usually none */
			/* ADDR_ADD: what is declared beside it; NULL: nothing. */
			const struct model_address_options *address_options;
		};
		struct {
			struct model_route route; /* ROUTE */
			/* ROUTE_ADOPT: as found, if that is not the same; else NULL. */
			const struct model_route *route_was;
		};
		struct {
			struct model_rule rule; /* RULE */
			uint8_t rule_protocol;  /* RULE_ADOPT: of the foreign one */
		};
		struct {
			struct model_sysctl sysctl; /* SYSCTL_SET */
			const char *sysctl_was;     /* NULL: not observed */
		};
		const char *resolv_conf; /* RESOLV_SET: the new text */
		const char *altname;     /* ALTNAME */
		struct {
			const char *alias, *alias_was; /* ALIAS_SET; "": none */
		};
		struct {
			const char *vrf, *vrf_was; /* VRF_SET; "": none */
			uint32_t vrf_ifindex;      /* 0: none */
		};
		struct {
			bool set_up;      /* MASTER_SET, LINK_SET */
			bool flips_arp;   /* LINK_SET: IFF_NOARP is to be another */
			bool has_arp;     /* then: false is IFF_NOARP */
			uint32_t mtu;     /* 0: unchanged */
			uint32_t mtu_was; /* 0: unknown */
		} link;
		/* PORT_SET: mode and flag as found, the reason of the step. LINK_ADD uses
		 * those of 'master'. */
		struct {
			uint8_t mode, flag;
		} port;
		const char *kind; /* MASTER_DEL: of the device found */
		struct {
			/* NETNS_DEL: the slaves that go with it, as found. */
			const struct model_slave **going;
			size_t n_going, going_cap;
		};
		struct {
			/* LINK_ADD: what happened to the device that was there, as
			 * `ipvl-ctl drift` prints it. */
			const char *lost;
			/* LINK_ADD: it gets the MTU of its master, whatever it declares. */
			bool inherits_mtu;
		};
	} u;
};

/* The state of an object before the plan is run. */
enum plan_verdict_kind {
	/* Nothing to do. */
	PLAN_READY,
	/* The plan has steps for it. */
	PLAN_WORK,
	/* Its master or namespace is missing. */
	PLAN_WAITING,
	/* Something that ipvl did not make is in its place. */
	PLAN_CONFLICT,
	/* A fault that ipvl cannot correct, such as a duplicate address on the LAN. */
	PLAN_ERROR,
	PLAN_DISABLED,
	/* It differs from its row, and is left so: its drift is not to be repaired. */
	PLAN_DRIFTED,
};

struct plan_verdict {
	enum plan_verdict_kind kind;
	const struct model_master *master; /* as wanted */
	/* As wanted; NULL: the verdict is about the master itself. */
	const struct model_slave *slave;
	const struct model_slave *have; /* as found; NULL if absent */
	const struct model_master *have_master;
	/* A sentence for WAITING, CONFLICT and ERROR; otherwise "". */
	const char *message;
	/* WAITING: it is transient, and its device was there and is in no namespace. The row may
	 * go. */
	bool is_spent;
	/* What limits the object once the plan is done and is not for ipvl to correct,
	 * for every kind of verdict. Each is a sentence with cause and remedy. */
	const char *const *warnings;
	size_t n_warnings;
};

/* A record of a sysctl of a master (struct model_saved). */
struct plan_record {
	const struct model_master *master; /* as wanted */
	struct model_saved saved;
	uint32_t step; /* its SYSCTL_SET; PLAN_NO_STEP if there is none */
};

struct plan {
	struct plan_step *steps;
	size_t n_steps;
	/* The steps that would repair what is PLAN_DRIFTED. They are not run, in no order,
	 * and have neither an id nor a step before them. */
	struct plan_step *held;
	size_t n_held;
	/* To be recorded before any step is run. One that is recorded already gets another
	 * value. */
	struct plan_record *saves;
	size_t n_saves;
	/* To be forgotten once the step is done. */
	struct plan_record *releases;
	size_t n_releases;
	/* In the order of the wanted model: each master, then its slaves. None for
	 * MODEL_GONE. */
	struct plan_verdict *verdicts;
	size_t n_verdicts;
};

enum plan_result_kind {
	PLAN_DONE,
	/* The step that it depends on failed or was skipped. */
	PLAN_SKIPPED,
	PLAN_FAILED,
};

_Static_assert(PLAN_DONE == 0, "a result without an error is done");

struct plan_result {
	enum plan_result_kind kind;
	struct err *error;      /* of PLAN_FAILED; owned by the result */
	uint32_t ifindex;       /* of LINK_ADD */
	uint8_t mac[6];         /* of LINK_ADD */
	uint32_t mtu;           /* of LINK_ADD */
	uint64_t inode, cookie; /* of NETNS_ADD; cookie 0: the kernel has none */
};
static inline void plan_results_clear(struct plan_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		err_free(results[i].error);
		results[i] = (struct plan_result){0};
	}
}

#endif
