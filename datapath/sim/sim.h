/* The simulator: a kernel in memory with the rules of docs/kernel.md, and its control
 * side for tests and for previews of a plan. */
#ifndef DATAPATH_SIM_H
#define DATAPATH_SIM_H 1

#include "datapath/datapath.h"
#include "datapath/sim/twin/twin_request.h"

extern const struct datapath_provider sim_provider;

/* A request of another process, with the events that the kernel makes. The error has the
 * kernel's errno and text. */
struct err *sim_request(struct datapath *dp, const struct twin_request *r) MUST_CHECK;

/* Rules that depend on the kernel's version; 6.1 at first. */
void sim_set_kernel_version(struct datapath *dp, unsigned int major, unsigned int minor);

/* Actions of another process, as with `ip`: short forms of requests. Names are those of the
 * model. Each makes the events that the kernel makes. */
struct err *sim_add_master(struct datapath *dp, const char *netns, const char *name,
			   const char *kind) MUST_CHECK;
struct err *sim_add_netns(struct datapath *dp, const char *name) MUST_CHECK;
/* Another text for a namespace ("" is the daemon's own): a second name, or a path through
 * a process in it. sim_del_netns() of such a text removes the text alone. */
struct err *sim_alias_netns(struct datapath *dp, const char *name,
			    const char *alias) MUST_CHECK;
/* Puts something else in the place of the namespace, or forbids to open it (model.h);
 * MODEL_NETNS_FINE removes that. */
void sim_set_netns_trouble(struct datapath *dp, const char *name,
			   enum model_netns_trouble trouble, const char *what);
/* Gives the namespace an inode that another one had before. */
void sim_set_netns_inode(struct datapath *dp, const char *name, uint64_t inode);
struct err *sim_del_netns(struct datapath *dp, const char *name) MUST_CHECK;
/* 'mode' -1: not given, so the port becomes l3. 'kind' other than "ipvlan": a plain
 * device. */
struct err *sim_add_link(struct datapath *dp, const char *netns, const char *name,
			 const char *kind, const char *master, int mode,
			 int flag) MUST_CHECK;
struct err *sim_del_link(struct datapath *dp, const char *netns,
			 const char *name) MUST_CHECK;
struct err *sim_rename_link(struct datapath *dp, const char *netns, const char *name,
			    const char *new_name) MUST_CHECK;
struct err *sim_move_link(struct datapath *dp, const char *netns, const char *name,
			  const char *new_netns) MUST_CHECK;
struct err *sim_set_link(struct datapath *dp, const char *netns, const char *name,
			 bool up, uint32_t mtu) MUST_CHECK;
/* Plugs or unplugs the cable. An ipvlan and a VLAN have the carrier of the device
 * below. */
struct err *sim_set_carrier(struct datapath *dp, const char *netns, const char *name,
			    bool has_carrier) MUST_CHECK;
struct err *sim_set_port(struct datapath *dp, const char *netns, const char *name,
			 uint8_t mode, uint8_t flag) MUST_CHECK;
struct err *sim_add_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address) MUST_CHECK;
struct err *sim_del_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address) MUST_CHECK;
/* 'foreign': with a protocol number that is not ours. */
struct err *sim_add_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route, bool foreign) MUST_CHECK;
struct err *sim_del_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route) MUST_CHECK;

/* Makes no event, except when it turns IPv6 on (kernel.md 15). */
struct err *sim_set_sysctl(struct datapath *dp, const char *netns, const char *name,
			   const char *key, const char *value) MUST_CHECK;

/* Changes an address that is present: bits of enum model_address_note; 'peer' is "" for
 * none. */
struct err *sim_note_addr(struct datapath *dp, const char *netns, const char *name,
			  const char *address, unsigned int notes,
			  const char *peer) MUST_CHECK;

/* Duplicate address detection has found 'address' on another host (IFA_F_DADFAILED); ""
 * for none. */
struct err *sim_set_dad_failed(struct datapath *dp, const char *netns, const char *name,
			       const char *address) MUST_CHECK;
/* A resolv.conf in /etc/netns/NETNS that another program wrote; "" removes it. */
void sim_set_resolv_conf(struct datapath *dp, const char *netns, const char *text);
/* Leaves the file of the name with no namespace on it (kernel.md 18). */
void sim_kill_netns(struct datapath *dp, const char *name);

/* Faults (sim_fault.c). A request is one message to the kernel, or one change of a file;
 * a step takes one or more. Requests of other processes (sim_request()) are not counted
 * and never fail by these. */

/* Step, or request, number 'n' of the provider fails with 'sys_errno', counted from 0 over
 * all applies from now on; -1: none. */
void sim_fail_step(struct datapath *dp, int64_t n, int sys_errno);
void sim_fail_request(struct datapath *dp, int64_t n, int sys_errno);
/* The next 'n' observations fail with 'sys_errno'; EINTR gives ERR_INTERRUPTED. */
void sim_fail_observe(struct datapath *dp, unsigned int n, int sys_errno);
/* The process ends before request number 'n', counted as above (-1: never). From then on
 * nothing is executed: each step and each observation fails with SIM_CRASH_ERRNO, and no
 * event is passed on. A process that has ended writes nothing either, so a harness asks
 * sim_has_crashed() before every commit of its database and refuses it then
 * (db_set_validator()); it frees what belonged to the process and calls sim_revive(),
 * which drops the events of the old process, before it starts a new one. */
void sim_crash_at(struct datapath *dp, int64_t n);
bool sim_has_crashed(struct datapath *dp);
void sim_revive(struct datapath *dp);
/* Each request of the provider and each observation moves the stopped clock
 * (lib/clock.h) by 'ms', so that passes are sliced. */
void sim_set_cost(struct datapath *dp, int64_t ms);
/* The next drain passes on DATAPATH_ALL_CHANGED instead of what is queued (ENOBUFS). */
void sim_lose_events(struct datapath *dp);
/* The next 'n_drains' drains pass nothing on; the one after them, all. */
void sim_delay_events(struct datapath *dp, unsigned int n_drains);
/* Each event comes twice. */
void sim_double_events(struct datapath *dp, bool are_doubled);
/* Mixes the events of namespaces' names with those of devices; 0: in order. */
void sim_shuffle_events(struct datapath *dp, uint64_t seed);

/* What was announced since the last call, in order: lines "NETNS/NAME ADDRESS". Owned by
 * the caller. */
char *sim_take_announced(struct datapath *dp)
	__attribute__((warn_unused_result, returns_nonnull));
/* As if earlier announcements were still being sent, until it is called with false. */
void sim_hold_announcements(struct datapath *dp, bool is_held);

/* The state as text, owned by the caller; see sim_dump.c. tests/twin makes the same text
 * of the real kernel. */
char *sim_dump(struct datapath *dp) __attribute__((warn_unused_result, returns_nonnull));

/* The number of requests that the provider has begun, as the faults count them. */
uint64_t sim_n_requests(const struct datapath *dp);
/* The number of writes so far. No more between two calls means that nothing was
 * touched. */
uint64_t sim_writes(const struct datapath *dp);
/* A sentence: the first foreign thing that a step touched; NULL if none was. Borrowed. */
const char *sim_violation(const struct datapath *dp);

/* Replaces everything by what 'have' shows, so that a plan can be tried on it. */
void sim_load(struct datapath *dp, const struct model *have);

#endif
