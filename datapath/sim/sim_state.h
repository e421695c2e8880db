/* The kernel in memory: namespaces, devices, addresses and routes, as far as they matter
 * to ipvlan. For this folder alone; the rules are in its other files. */
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
	struct sim_link *lower;      /* Of an ipvlan, a macvlan, a VLAN; else NULL. */
	struct sim_link *controller; /* The bridge or bond that it is a port of. */
	struct sim_link *uppers, *next_upper;
	uint16_t vlan_id;
	uint8_t mode, flag; /* Of the ipvlan port on this device, if there is one. */
	bool showed_ours;   /* The last observation showed an ipvlan of ours on it. */
	/* Where it was observed last: netns, newline, name; NULL: nowhere. */
	char *place;
	/* Loaded: what else uses the device, of which only this text is known. */
	char *held_by;
	/* In the order in which they were added: the first of an IPv4 subnet is
	 * primary. */
	struct ip_prefix *addresses;
	size_t n_addresses, addresses_cap;
	struct sim_sysctl *sysctls;
	/* Those of 'addresses' that differ from what ipvl adds, and the address that
	 * another host has. */
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
	bool is_ours; /* it has our protocol number */
};

struct sim_netns {
	char *name;
	/* The start of the process that the text leads through. */
	uint64_t inode, start;
	/* The namespace that this is another text for; it has nothing of its own. */
	struct sim_netns *same;
	bool is_dead_file;                /* a file with no namespace on it */
	enum model_netns_trouble trouble; /* It is no namespace, or may not be opened. */
	char *what;
	/* Loaded: devices that the model only hints at. No observation shows it. */
	bool is_hidden;
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
	/* Deleted ones. Their devices vanish at the next observation or drain (kernel.md
	 * 7). */
	struct sim_netns *zombies;
	struct sim_file *files; /* /etc/netns/NAME/resolv.conf */
	struct sim_event *events, **events_end;
	bool is_silent; /* The provider itself is at work: no events. */
	uint32_t last_ifindex;
	uint64_t last_inode;
};

/* 'ext_ack' is NULL if the kernel sends none. */
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
