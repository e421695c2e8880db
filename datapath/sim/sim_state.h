/* The kernel in memory: namespaces, devices, addresses and routes, as far as they matter to
 * ipvlan. For this folder alone; the rules are in its other files. */
#ifndef DATAPATH_SIM_STATE_H
#define DATAPATH_SIM_STATE_H 1

#include "datapath/datapath.h"
#include "lib/hash_table.h"
#include <string.h>

struct sim_netns;

struct sim_link {
	struct sim_netns *ns;
	char *name, *kind;
	uint32_t ifindex, group, mtu;
	bool is_up, has_carrier;
	uint8_t mac[6];
	struct sim_link *lower;      /* of an ipvlan, a macvlan, a VLAN; NULL otherwise */
	struct sim_link *controller; /* the bridge or bond whose port it is */
	struct sim_link *uppers, *next_upper;
	uint16_t vlan_id;
	uint8_t mode, flag; /* of the ipvlan port on this device, if it has one */
	bool showed_ours;   /* some ipvlan of ours was on it when it was observed last */
	char *place; /* where it was observed last: netns, newline, name; NULL: nowhere */
	char *held_by; /* loaded: who else holds the device, nothing of whom is known */
	struct ip_prefix *addresses; /* in the order added: of an IPv4 subnet the first is
					primary */
	size_t n_addresses, addresses_cap;
	struct sim_sysctl *sysctls;
	/* Of 'addresses', those with a peculiarity; and what another host has. */
	struct model_address_seen *noted;
	size_t n_noted, noted_cap;
	struct ip_addr duplicate;
	UT_hash_handle hh;
};

struct sim_sysctl {
	char *key, *value;
	struct sim_sysctl *next;
};

struct sim_route {
	struct model_route route;
	struct sim_link *link;
	bool is_ours; /* has our protocol number */
};

struct sim_netns {
	char *name;
	uint64_t inode, start;  /* 'start': of the process that the text leads through */
	struct sim_netns *same; /* another text for that one; has nothing of its own */
	bool is_dead_file;      /* a file and nothing behind it */
	bool is_young;          /* … made a moment ago */
	enum model_netns_trouble trouble; /* not a namespace, or not to be opened */
	char *what;
	bool is_hidden; /* loaded: devices of which only hints were seen; no observer sees
			   them */
	struct sim_link *links;
	struct sim_route *routes;
	size_t n_routes, routes_cap;
	struct sim_netns *next_zombie;
	UT_hash_handle hh;
};

struct sim_file {
	char *netns, *text;
	bool is_foreign;
	struct sim_file *next;
};

struct sim_event {
	enum datapath_event_kind kind;
	char *netns, *name, *what, *by;
	struct sim_event *next;
};

struct sim_world {
	struct datapath_config config;
	struct sim_netns *netns;
	struct sim_netns *zombies; /* deleted; their devices die when somebody looks
				      (kernel.md 7) */
	struct sim_file *files;    /* /etc/netns/NAME/resolv.conf */
	struct sim_event *events, **events_end;
	bool is_silent; /* the provider itself is at work: nobody is told */
	uint32_t last_ifindex;
	uint64_t last_inode;
};

/* 'ext_ack' is NULL where the kernel sends none. */
static inline struct err *sim_kernel_err(int sys_errno, const char *ext_ack)
{
	struct err *e =
		err_new(ERR_SYSTEM, "%s", ext_ack ? ext_ack : strerror(sys_errno));

	e->sys_errno = sys_errno;
	return e;
}

static inline bool sim_link_is_ipvlan(const struct sim_link *l)
{
	return !strcmp(l->kind, "ipvlan") && l->lower;
}

#endif
