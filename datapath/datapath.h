/* A datapath: the kernel, the simulator, or a plug-in, behind nine functions, of which
 * four are optional.
 *
 * One thread calls. A call may block for as long as its own work takes, never to wait for
 * an event. Life of a datapath: open; then observe, apply and drain in any order and
 * number; then close. */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H 1

#include "datapath/model.h"
#include "datapath/plan/plan_step.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATAPATH_ABI 14

/* A provider's own state; its first member is a struct datapath_base. */
struct datapath;

struct datapath_config {
	uint32_t mark;          /* the link group of all that is ours: 1..INT32_MAX */
	uint8_t route_protocol; /* rtm_protocol of our routes */
};
/* "ipvl" in iproute2's tables (data/rt_protos.d/ipvl.conf). */
#define DATAPATH_ROUTE_PROTOCOL 76

struct datapath_id {
	const char *name; /* the value of --datapath */
	uint32_t abi;     /* DATAPATH_ABI */
	uint32_t size;    /* sizeof(struct datapath_provider) */
};

enum datapath_event_kind {
	/* The device or its port changed; any ipvlan on it counts. */
	DATAPATH_MASTER_CHANGED,
	/* Link, addresses or routes of the device of that name changed. */
	DATAPATH_SLAVE_CHANGED,
	/* The name appeared, disappeared, or stands for another namespace. */
	DATAPATH_NETNS_CHANGED,
	/* A device of ours was moved or renamed: observe everything. */
	DATAPATH_STRAYED,
	/* Events were lost: observe everything again. */
	DATAPATH_ALL_CHANGED,
};

/* An event names the object to observe again, and who changed it if the kernel reports
 * that. It never decides what to do. */
struct datapath_event {
	enum datapath_event_kind kind;
	/* As in the model; 'name' is "" for NETNS_CHANGED. */
	const char *netns, *name;
	/* For people: "address 10.0.0.2/24 removed", "deleted"; "" if unknown. */
	const char *what;
	/* The netlink port of the process that changed it, usually its PID; 0 if
	 * unknown. */
	uint32_t pid;
	/* The devices on it changed with it, and the kernel sends no event about them. */
	bool reaches_upper;
	/* Of a master: another port of it carries its traffic from now on (a bond or a team, below
	 * it perhaps), so that its addresses must be announced again. */
	bool has_failed_over;
	/* Who changed it, as a sentence can name it: the process ("`ip` (pid 4711, uid
	 * 0)"), or the new device that caused the change; NULL or "" if unknown. */
	const char *by;
};
/* Everything in 'e' is borrowed for the call. */
typedef void datapath_event_fn(void *aux, const struct datapath_event *e);

enum datapath_depth {
	/* Masters only: the device and its port, through one of the slaves given. For the
	 * port watch. */
	DATAPATH_PORTS,
	/* Everything that 'scope' names. */
	DATAPATH_SCOPE,
	/* The same, and everything that has our mark, and every foreign ipvlan on the
	 * masters of 'scope'. A device that is ours and not in 'scope' appears as a slave
	 * of its master, or of a master named "" if that is unknown. A namespace that is not
	 * in 'scope' appears if resolv.conf, a rule or a route without a device is left
	 * there of ours, and shows nothing else; rules and routes only if no device there
	 * has another daemon's mark. */
	DATAPATH_EVERYTHING,
};

/* ERR_UNSUPPORTED: this system lacks what the datapath needs (the kernel has no ipvlan,
 * or is older than Linux 4.20). ERR_SYSTEM, ERR_PERMISSION: see sys_errno; EPERM and
 * EACCES with a hint about the capabilities that are missing. ERR_BUSY, ERR_INTERRUPTED,
 * ERR_EXISTS, ERR_NOT_FOUND: as the kernel answered; to try again may help. */
typedef struct err *datapath_open_fn(const struct datapath_config *config,
				     struct datapath **ret_dp);
/* Accepts NULL; cannot fail; leaves the kernel as it is. */
typedef void datapath_close_fn(struct datapath *dp);
/* The whole truth about each master, slave and namespace that 'scope' names, or an error;
 * never a part of it. Of slaves that go with their namespace the addresses are enough. 'have'
 * is allocated from 'a' and sorted. Each object of 'scope' appears in it, ABSENT if it does not
 * exist. Of 'scope' these are used: names, a slave's master, and
 *  - match: the device that fits (model_match_choose()) appears as the master, now and whenever
 *    another one fits: a change of that is an event of the master;
 *  - routes: a foreign route with the key of one of them appears too, on any device; of a
 *    master with a match also one of ours, on a device that is none of the scope's and not ours;
 *  - the keys of sysctls, and those of what is recorded of a master's: their values appear;
 *    of an absent master that ipvl makes, the values that a new device begins with;
 *  - vlan_link: that device appears as a master of 'have', ABSENT if it does not exist;
 *  - mode and flag: where the port of our slaves has others, foreign ipvlans on it appear
 *    (seen.stranger);
 *  - adopts: rules of the slave's namespace that `ip` made appear (seen.foreign_rules);
 *  - addresses: those that a slave lacks appear where a foreign ipvlan has them
 *    (seen.held);
 *  - of namespaces 'bound', 'is_wanted' and 'is_ours'.
 * Addresses of slaves that expire (DHCP, SLAAC: without IFA_F_PERMANENT) do not appear
 * unless a row declares them. Link-local ones do: a row may declare one, and the plan
 * ignores the others.
 *
 * ERR_INTERRUPTED: what was read kept changing, or answers were lost; to try again may
 * help. ERR_SYSTEM, ERR_PERMISSION, ERR_BUSY, ERR_NOT_FOUND, ERR_UNSUPPORTED: the system
 * refused to be read; see sys_errno (EMFILE, ENOMEM). A single namespace that cannot be
 * read is no error: it appears with its trouble. */
typedef struct err *datapath_observe_fn(struct datapath *dp, const struct model *scope,
					enum datapath_depth depth, struct arena *a,
					struct model **ret_have);
/* What a survey is for. */
enum datapath_survey_use { DATAPATH_FOR_FILE, DATAPATH_FOR_TRACE };

/* A survey: what a file would have to declare for this host to be as it is. Every ipvlan and
 * ipvtap that can be seen, and every other device of a link type, whoever made it, as a slave
 * of its master, and every master that ipvl made, with its kind. Of 'scope' the names of
 * namespaces are used: a namespace has a name below /run/netns, or one of these paths, or none
 * ("/nsid/N").
 *
 * A master has its type, mode and flag, and those routes in its namespace that are ours; a VLAN
 * also its link and id, if a row could declare it, and its MTU, if that is not its link's. A
 * slave has its addresses, also those that expire (seen.noted), but not the link-local ones
 * that the kernel adds; and the routes by it that neither the kernel nor a routing protocol
 * made, whoever made them. A route without a device is one of some slave's of its namespace; in
 * the daemon's own only ours is.
 *
 * A device that no row can declare, or not where it is, is a slave of a master named "": its
 * kind is no link type, or it has another one, or another mode, than the others on its master,
 * of which those of an ipvlan count first; or its own namespace has no name; or that of its
 * master has none; or it is in the daemon's own, which as a slave's namespace has no text, and
 * its master is not.
 *
 * DATAPATH_FOR_FILE: a slave also has those of the sysctls of model_sysctl_surveyed() that are
 * not as a new device of its namespace begins with. DATAPATH_FOR_TRACE: a slave is on its
 * master whatever its kind, mode and flag, which its 'seen' has; the master has those of the
 * one that counts first.
 *
 * No observation and no event depends on it. Errors are those of an observation. */
typedef struct err *datapath_survey_fn(struct datapath *dp, const struct model *scope,
				       enum datapath_survey_use use, struct arena *a,
				       struct model **ret_have);
/* Executes 'steps': n steps of one plan and of one op, none of which depends on another.
 * Writes exactly one result for each. The error of a step is in its result, with the
 * kernel's own message. */
typedef void datapath_apply_fn(struct datapath *dp, const struct plan_step *const *steps,
			       size_t n, struct plan_result *results);
/* 'event_fd' is readable: passes on all queued events, without blocking. */
typedef void datapath_drain_fn(struct datapath *dp, datapath_event_fn *fn, void *aux);

enum datapath_announced {
	DATAPATH_ANNOUNCED,
	/* Not now: the device or its master is down, or has no carrier, or duplicate address
	 * detection is still running. */
	DATAPATH_ANNOUNCE_LATER,
	/* There is no such address, or the device is no ipvlan of ours in mode l2. */
	DATAPATH_ANNOUNCE_NEVER,
};

struct datapath_announcement {
	/* Of the device; "" is the daemon's own namespace. */
	const char *netns, *name;
	const char *master_netns, *master; /* the device below */
	struct ip_addr address;
	enum datapath_announced result; /* written by the call */
};
/* Announces each address to the neighbours once: by an ARP announcement (RFC 5227 3), or by
 * an unsolicited neighbour advertisement (RFC 4861 7.2.6). Never waits: frames may be sent
 * after the call, and one that cannot be sent is lost. False: earlier ones are still being
 * sent, and nothing was done. */
typedef bool datapath_announce_fn(struct datapath *dp, struct datapath_announcement *list,
				  size_t n);

/* What a namespace does with a packet, by its routes and rules as they are now. */
enum datapath_fate {
	DATAPATH_DELIVERED, /* it is for the namespace itself */
	DATAPATH_SENT, /* by 'device', to 'via', or if that is none to its destination */
	/* By 'device' to all that listen on its link: a broadcast or a multicast. */
	DATAPATH_BROADCAST,
	/* 'sys_errno' says why: ENETUNREACH, EHOSTUNREACH (no route, or a namespace that does
	 * not forward), EACCES, EINVAL (a route of another type), EXDEV (rp_filter). */
	DATAPATH_REFUSED,
};

struct datapath_lookup {
	const char *netns;       /* "" is the daemon's own */
	struct ip_addr to, from; /* 'from' none: the namespace chooses */
	/* The device that the packet arrives by, or its VRF; "": the namespace itself sends it. */
	const char *in;
	/* The device that it must leave by, or the VRF whose routes it takes; "": any. */
	const char *out;
	/* Written by the call; names from the arena. */
	enum datapath_fate fate;
	int sys_errno;
	const char *device;
	struct ip_addr via, source; /* none if there is none */
	/* No route says so: the destination is taken to be on the link of 'out' (Linux
	 * ip_route_output_key_hash_rcu(), IPv4). */
	bool is_guessed;
};
/* Fills in the answer. Nothing is sent. ERR_NOT_FOUND: there is no such namespace, or no such
 * device in it. Else errors are those of an observation. */
typedef struct err *datapath_lookup_fn(struct datapath *dp, struct datapath_lookup *l,
				       struct arena *a);

/* Opens a socket that sends echo requests from a namespace: raw, of ICMP or ICMPv6, bound to
 * 'from' and connected to 'to', which must not be none and are of one family. It does not
 * block, and it keeps the namespace alive: it is to be closed within seconds. Errors are those
 * of a look-up; ERR_PERMISSION without CAP_NET_RAW. */
struct datapath_ping {
	const char *netns;  /* "" is the daemon's own */
	const char *device; /* that it is also bound to, such as a VRF; "": none */
	struct ip_addr from, to;
};
typedef struct err *datapath_ping_fn(struct datapath *dp, const struct datapath_ping *p,
				     int *ret_fd);
/* What a device has received and sent since it was made, as `ip -s link` shows it. */
struct datapath_counters {
	const char *netns, *name; /* of the device; "" is the daemon's own namespace */
	/* Written by the call. */
	bool is_there;
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};
/* Fills in the list. A device that is not there is no error. Errors are those of an
 * observation. */
typedef struct err *datapath_count_fn(struct datapath *dp, struct datapath_counters *list,
				      size_t n);

/* What is opened by the calls until the next one with 'on' false may stay open until then: a
 * pass within one turn of the loop. */
typedef void datapath_hold_fn(struct datapath *dp, bool on);

struct datapath_provider {
	struct datapath_id id;
	datapath_open_fn *open;
	datapath_close_fn *close;
	datapath_observe_fn *observe;
	datapath_apply_fn *apply;
	datapath_drain_fn *drain;
	datapath_announce_fn *announce; /* NULL: it has no neighbours */
	datapath_survey_fn *survey;     /* NULL: it cannot */
	datapath_lookup_fn *lookup;     /* NULL: it cannot */
	datapath_ping_fn *ping;         /* NULL: it cannot */
	datapath_count_fn *count;       /* NULL: it cannot */
	datapath_hold_fn *hold;         /* NULL: it opens nothing */
};

struct datapath_base {
	const struct datapath_provider *provider;
	int event_fd; /* readable when an event is queued; owned by the provider */
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
void datapath_hold(struct datapath *dp, bool on);
bool datapath_can_announce(const struct datapath *dp);
/* Only if it can. */
bool datapath_announce(struct datapath *dp, struct datapath_announcement *list,
		       size_t n) MUST_CHECK;
/* Routes in the table of a slave's VRF are in the main table, as a row has them.
 * ERR_UNSUPPORTED if the provider has no survey. */
struct err *datapath_survey(struct datapath *dp, const struct model *scope,
			    enum datapath_survey_use use, struct arena *a,
			    struct model **ret_have) MUST_CHECK;
/* ERR_UNSUPPORTED if the provider has no look-ups. */
struct err *datapath_lookup(struct datapath *dp, struct datapath_lookup *l,
			    struct arena *a) MUST_CHECK;
/* ERR_UNSUPPORTED if the provider sends nothing. */
struct err *datapath_ping(struct datapath *dp, const struct datapath_ping *p,
			  int *ret_fd) MUST_CHECK;
/* ERR_UNSUPPORTED if the provider has no counters. */
struct err *datapath_count(struct datapath *dp, struct datapath_counters *list,
			   size_t n) MUST_CHECK;

#endif
