/* The simulator's control side, for tests and for foreseeing a plan's outcome: a kernel
 * in memory that keeps the rules of docs/kernel.md (each rule has the same test on the
 * real kernel). */
#ifndef DATAPATH_SIM_H
#define DATAPATH_SIM_H 1

#include "datapath/datapath.h"

extern const struct datapath_provider sim_provider;

/* Hands of a stranger: what `ip` would do. Names as in the model. All make the events the
 * kernel makes. */
struct err *sim_add_master(struct datapath *dp, const char *netns, const char *name,
			   const char *kind) MUST_CHECK;
struct err *sim_add_netns(struct datapath *dp, const char *name) MUST_CHECK;
/* Another text for a namespace ("" is the daemon's own): a second name, a process in it.
 * sim_del_netns() of it takes the text alone away. */
struct err *sim_alias_netns(struct datapath *dp, const char *name,
			    const char *alias) MUST_CHECK;
/* Something else is where the namespace should be, or it may not be opened (model.h);
 * MODEL_NETNS_FINE takes that away. */
void sim_set_netns_trouble(struct datapath *dp, const char *name,
			   enum model_netns_trouble trouble, const char *what);
/* The inode of one that is gone is given again. */
void sim_set_netns_inode(struct datapath *dp, const char *name, uint64_t inode);
struct err *sim_del_netns(struct datapath *dp, const char *name) MUST_CHECK;
/* 'mode' -1: not given (so the port becomes l3). 'kind' other than "ipvlan": a plain
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
/* The cable: an ipvlan and a VLAN have what the device below them has. */
struct err *sim_set_carrier(struct datapath *dp, const char *netns, const char *name,
			    bool has_carrier) MUST_CHECK;
struct err *sim_set_port(struct datapath *dp, const char *netns, const char *name,
			 uint8_t mode, uint8_t flag) MUST_CHECK;
struct err *sim_add_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address) MUST_CHECK;
struct err *sim_del_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address) MUST_CHECK;
/* 'foreign': with another protocol than ours. */
struct err *sim_add_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route, bool foreign) MUST_CHECK;
struct err *sim_del_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route) MUST_CHECK;

/* Told to nobody, but that IPv6 is turned on (kernel.md 15). */
struct err *sim_set_sysctl(struct datapath *dp, const char *netns, const char *name,
			   const char *key, const char *value) MUST_CHECK;

/* What somebody did to an address that is there: bits of enum model_address_note; 'peer'
 * is "" for none. */
struct err *sim_note_addr(struct datapath *dp, const char *netns, const char *name,
			  const char *address, unsigned int notes,
			  const char *peer) MUST_CHECK;

/* The kernel has found 'address' ("" for none) on somebody else's device
 * (IFA_F_DADFAILED). */
struct err *sim_set_dad_failed(struct datapath *dp, const char *netns, const char *name,
			       const char *address) MUST_CHECK;
/* A stranger's /etc/netns/NETNS/resolv.conf; "" takes it away. */
void sim_set_resolv_conf(struct datapath *dp, const char *netns, const char *text);
/* Leaves the name's file with nothing behind it (kernel.md 18). */
void sim_kill_netns(struct datapath *dp, const char *name);
/* The same, as `ip netns add` leaves it for a moment before it mounts. */
void sim_touch_netns(struct datapath *dp, const char *name);

/* Step number 'n' (from 0, over all applies from now on) fails with 'sys_errno'; -1:
 * none. */
void sim_fail_step(struct datapath *dp, int64_t n, int sys_errno);
/* The next 'n' observations fail with 'sys_errno'. */
void sim_fail_observe(struct datapath *dp, unsigned int n, int sys_errno);
/* Writes done so far: 0 more between two looks means that nothing was touched. */
uint64_t sim_writes(const struct datapath *dp);
/* The first thing not ours that a step touched, as a sentence; NULL if none did.
 * Borrowed. */
const char *sim_violation(const struct datapath *dp);

/* Loads what is there, so that a plan can be tried on it. */
void sim_load(struct datapath *dp, const struct model *have);

#endif
