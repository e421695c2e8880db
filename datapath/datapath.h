/* What a datapath is: the kernel, the simulator, or somebody's plug-in, behind five
 * functions.
 *
 * One thread calls; a call may block for as long as its own work takes, never for an
 * event. Life of a datapath: open, then observe, apply and drain in any order and number,
 * then close. */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H 1

#include "datapath/model.h"
#include "datapath/plan/plan.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATAPATH_ABI 1

struct datapath; /* a provider's own; its first member is a struct datapath_base */

struct datapath_config {
	uint32_t mark;          /* the link group of all that is ours: 1..INT32_MAX */
	uint8_t route_protocol; /* rtm_protocol of our routes */
};
/* "ipvl" in iproute2's tables (data/ipvl.rt_protos). */
#define DATAPATH_ROUTE_PROTOCOL 76

struct datapath_id {
	const char *name; /* what --datapath says */
	uint32_t abi;     /* DATAPATH_ABI */
	uint32_t size;    /* sizeof(struct datapath_provider) */
};

enum datapath_event_kind {
	DATAPATH_MASTER_CHANGED, /* the device, or its port: anybody's ipvlan on it */
	DATAPATH_SLAVE_CHANGED, /* link, addresses or routes of the device of that name */
	DATAPATH_NETNS_CHANGED, /* the name came, went, or stands for another namespace */
	DATAPATH_STRAYED,       /* one of ours was taken elsewhere: look everywhere */
	DATAPATH_ALL_CHANGED,   /* events were lost: read everything again */
};

/* An event says where to look, and who did it where the kernel tells; never what to do.
 */
struct datapath_event {
	enum datapath_event_kind kind;
	const char *netns, *name; /* as in the model; name is "" for NETNS_CHANGED */
	const char *what; /* for people: "address 10.0.0.2/24 removed", "deleted"; "" if
			     not known */
	uint32_t pid;     /* netlink port of who did it, mostly its pid; 0 if not told */
	const char *by; /* the device whose coming did it, as a sentence can name it; NULL
			   or "" if not known */
};
/* Everything in 'e' is borrowed for the call. */
typedef void datapath_event_fn(void *aux, const struct datapath_event *e);

enum datapath_depth {
	/* Masters: the device and its port, through one of the slaves given. Nothing
	   else. The port watch. */
	DATAPATH_PORTS,
	/* Everything that 'scope' names. */
	DATAPATH_SCOPE,
	/* That, and whatever carries our mark anywhere, and every stranger on the masters
	 * of 'scope': what is ours and in no scope comes as a slave of its master, or of
	 * a master named "" if that is unknown. */
	DATAPATH_EVERYTHING,
};

typedef struct err *datapath_open_fn(const struct datapath_config *config,
				     struct datapath **ret_dp);
/* Accepts NULL; cannot fail; leaves the kernel as it is. */
typedef void datapath_close_fn(struct datapath *dp);
/* The whole truth about each master, slave and namespace that 'scope' names, or an error;
 * never a part of it. 'have' is made in 'a'; in it each object of 'scope' appears, ABSENT
 * where nothing is there. ERR_INTERRUPTED if it kept changing. Of 'scope' are looked at:
 * names, a slave's master, and
 *  - routes: a stranger's with the key of one of them is shown too, whatever device it
 * goes through;
 *  - the keys of sysctls: their values are shown;
 *  - vlan_link: that device is shown as a master of 'have', ABSENT if it is not there.
 * Addresses of slaves that run out (DHCP, SLAAC: without IFA_F_PERMANENT) are not shown.
 * Link-local ones are: a row may declare one, and the plan leaves the others alone. */
typedef struct err *datapath_observe_fn(struct datapath *dp, const struct model *scope,
					enum datapath_depth depth, struct arena *a,
					struct model **ret_have);
/* Does 'steps' (n of one plan, of one op, none depending on another of them); gives
 * exactly one result each. An error of a step is its result, with the kernel's own words.
 */
typedef void datapath_apply_fn(struct datapath *dp, const struct plan_step *const *steps,
			       size_t n, struct plan_result *results);
/* 'event_fd' is readable: takes what is there without blocking. */
typedef void datapath_drain_fn(struct datapath *dp, datapath_event_fn *fn, void *aux);

struct datapath_provider {
	struct datapath_id id;
	datapath_open_fn *open;
	datapath_close_fn *close;
	datapath_observe_fn *observe;
	datapath_apply_fn *apply;
	datapath_drain_fn *drain;
};

struct datapath_base {
	const struct datapath_provider *provider;
	int event_fd; /* readable when there are events; the provider's */
};

/* Calls through the table. */
struct err *datapath_open(const struct datapath_provider *p,
			  const struct datapath_config *config,
			  struct datapath **ret_dp) MUST_CHECK;
void datapath_close(struct datapath *dp);
int datapath_event_fd(const struct datapath *dp);
struct err *datapath_observe(struct datapath *dp, const struct model *scope,
			     enum datapath_depth depth, struct arena *a,
			     struct model **ret_have) MUST_CHECK;
void datapath_apply(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		    struct plan_result *results);
void datapath_drain(struct datapath *dp, datapath_event_fn *fn, void *aux);

#endif
