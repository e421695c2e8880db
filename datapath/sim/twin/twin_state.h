/* The kernel in memory: namespaces, devices, addresses, routes and rules, as far as they matter
 * to ipvlan. For this folder alone; the rules are in its other files. */
#ifndef DATAPATH_SIM_TWIN_STATE_H
#define DATAPATH_SIM_TWIN_STATE_H 1

#include "datapath/datapath.h"
#include "datapath/link_type.h"
#include "lib/hash_table.h"
#include <string.h>

struct twin_netns;

/* Values of rtnetlink(7) and Linux if_addr.h, which this folder does not include. */
enum {
	TWIN_PROTO_REDIRECT = 1,
	TWIN_PROTO_KERNEL = 2,
	TWIN_PROTO_BOOT = 3,
	TWIN_PROTO_STATIC = 4,
	TWIN_PROTO_RA = 9,
	TWIN_ROUTE_UNICAST = 1,
	TWIN_ROUTE_LOCAL = 2,
	TWIN_ROUTE_BLACKHOLE = 6, /* this and above: routes without a device */
	TWIN_SCOPE_LINK = 253,
	TWIN_SCOPE_HOST = 254,
	TWIN_SCOPE_NOWHERE = 255,
	TWIN_TABLE_LOCAL = 255,
	TWIN_PRIORITY_MAIN = 32766, /* of the kernel's own rule for the main table */
	TWIN_IPV6_SUBNET_METRIC = 256,
	TWIN_ADDR_PROTO_RA = 2,     /* of a router's advertisement */
	TWIN_ADDR_PROTO_KERNEL = 3, /* up to here the kernel's own */
	/* IFLA_MACVLAN_MODE. */
	TWIN_MACVLAN_PRIVATE = 1,
	TWIN_MACVLAN_VEPA = 2,
	TWIN_MACVLAN_BRIDGE = 4,
	TWIN_MACVLAN_PASSTHRU = 8,
	TWIN_MACVLAN_SOURCE = 16,
	TWIN_MACVLAN_FLAGS = 3, /* all that there are */
};

struct twin_addr {
	struct ip_prefix prefix;       /* IFA_LOCAL, and the length */
	struct ip_addr peer;           /* IFA_ADDRESS, if it differs */
	uint32_t metric;               /* 0: the kernel's default */
	uint32_t valid_s, preferred_s; /* UINT32_MAX: forever */
	uint8_t scope, protocol;
	char label[MODEL_LABEL_MAX_BYTES + 1]; /* IPv4; "" before it is added */
	bool is_secondary;                     /* IPv4 */
	bool has_no_dad, is_duplicate, is_tentative;
};

struct twin_link {
	struct twin_netns *ns;
	char *name, *kind, *alias;
	char **alt_names;
	size_t n_alt_names, alt_names_cap;
	uint32_t ifindex, group, mtu, txqlen;
	/* Linux RTNL_LINK_INITIALIZING: it was never reported, and its end is not. */
	bool is_unborn;
	bool is_up;
	bool has_carrier; /* IFLA_CARRIER, also of a device that is down */
	bool is_noarp;
	bool lacks_ipv4; /* an MTU below MODEL_MTU_MIN took it */
	bool has_ipv6; /* Linux struct inet6_dev; none is made below MODEL_IPV6_MTU_MIN */
	bool is_ipv6_ready; /* Linux IF_READY: it was up with carrier since it has IPv6 */
	uint8_t mac[6];
	bool has_own_mac; /* it was set, and is not that of the device below or of a port */
	bool has_own_mtu;             /* of a bridge: the same */
	struct twin_link *lower;      /* Of an ipvlan, a macvlan, a VLAN; else NULL. */
	struct twin_link *controller; /* The bridge, bond or VRF that it is a port of. */
	struct twin_link *peer;       /* Of a veth: the other end. */
	struct twin_link *uppers, *next_upper;
	uint16_t vlan_id;
	uint32_t vrf_table; /* of a VRF */
	uint8_t mode, flag; /* Of the ipvlan port on this device, if there is one. */
	uint8_t own_mode;   /* Of a macvlan: IFLA_MACVLAN_MODE. */
	/* What the last observation showed: an ipvlan of ours on it, another program's
	 * device on it, that it is not ours itself, under the name that it has still. */
	bool showed_ours, showed_foreign_upper, showed_foreign;
	/* An ipvlan of another program was among these: mode and flag of the port then. */
	bool showed_stranger;
	uint8_t showed_mode, showed_flag;
	/* A foreign ipvlan: the last observation showed that it has an address that a slave
	 * of ours lacks. */
	bool is_holder;
	/* The last observation that listed it, and the last that showed it as ours on its
	 * master. */
	uint64_t listed_in, shown_in;
	/* Loaded: what else uses the device, of which only this text is known. */
	char *held_by;
	/* As model_master.seen.kept_by. */
	char *kept_by;
	/* In the order in which they were added. */
	struct twin_addr *addresses;
	size_t n_addresses, addresses_cap;
	struct twin_sysctl *sysctls; /* those that were written */
	struct ip_addr duplicate;    /* another host has it; none: no such host */
	UT_hash_handle hh;
};

struct twin_sysctl {
	char *key, *value;
	struct twin_sysctl *next;
};

struct twin_route {
	/* Its seen_foreign and type are not set. */
	struct model_route route;
	/* Of a route without a device: lo. */
	struct twin_link *link;
	uint8_t protocol, type, scope;
};

/* Those that every namespace is made with are left out (kernel.md 30). */
struct twin_rule {
	struct model_rule rule;
	uint8_t protocol;
};

#define TWIN_OWN_NETNS 1

struct twin_netns {
	char *name;
	uint64_t id; /* unique; TWIN_OWN_NETNS: the daemon's own */
	/* The start of the process that the text leads through. */
	uint64_t inode, start;
	/* Another text for this namespace; everything else is in that one. */
	struct twin_netns *same;
	bool is_dead_file;
	/* Not a namespace that can be opened; 'what' is its reason. */
	enum model_netns_trouble trouble;
	char *what;
	/* Loaded: devices that the model only hints at. No observation shows it. */
	bool is_hidden;
	/* It has an id in ours: an observation has named it, or a device was moved to it from
	 * there. */
	bool is_known;
	bool showed_occupied; /* by a foreign device, at the last observation */
	/* The last observation in which a slave showed what all of it have in common. */
	uint64_t shared_shown_in;
	uint32_t last_ifindex;
	unsigned int n_holds; /* descriptors of other processes (kernel.md 16) */
	bool has_local_table; /* of IPv4: lo or an address has been there */
	unsigned int dropped; /* by the packet filter: bits of enum twin_hook */
	struct twin_link *links;
	/* Those of one key (model_route_key_cmp()) in the order of the kernel. */
	struct twin_route *routes;
	size_t n_routes, routes_cap;
	/* In the order of the kernel: by priority, then as they were added. */
	struct twin_rule *rules;
	size_t n_rules, rules_cap;
	struct twin_sysctl *sysctls; /* "all" and "default": "ipv4.all.arp_ignore" */
	struct twin_netns *next_zombie;
	UT_hash_handle hh;
};

struct twin_awaiting {
	char *name;
	struct twin_awaiting *next;
};

struct twin_file {
	char *netns, *text;
	char *kept; /* of another program, beside ours; NULL: none */
	bool is_foreign;
	bool showed_foreign; /* at the last observation */
	/* Slaves that wait for it to go: its next change is an event of theirs, once. */
	struct twin_awaiting *awaiting;
	struct twin_file *next;
};

/* What a message of rtnetlink shows of a device. */
struct twin_view {
	char name[MODEL_NAME_MAX_BYTES + 1], kind[16];
	uint32_t ifindex, group, mtu;
	bool is_up, has_carrier, has_controller, is_noarp;
	uint8_t mac[6], mode, flag;
	bool is_in_port;
	uint32_t texts; /* a digest of its alias and alternative names */
	uint64_t lower_ns;
	uint32_t lower; /* 0: nothing is below */
	bool has_come;  /* it is new in its namespace */
	bool has_failed_over;
	uint32_t moved_to; /* its ifindex in another namespace; 0: it was deleted */
};

enum twin_message_kind {
	TWIN_MSG_LINK,
	TWIN_MSG_LINK_GONE,
	TWIN_MSG_IPV6, /* IPv6 was turned on (RTM_NEWLINK of family AF_INET6) */
	TWIN_MSG_ADDR,
	TWIN_MSG_ADDR_GONE,
	TWIN_MSG_ROUTE,
	TWIN_MSG_ROUTE_GONE,
	TWIN_MSG_RULE,
	TWIN_MSG_RULE_GONE,
	TWIN_MSG_NSID_GONE,
	/* Not of rtnetlink, but of inotify: a text of a namespace; its resolv.conf. */
	TWIN_MSG_NETNS,
	TWIN_MSG_FILE,
};

/* A change as the kernel reports it, until the provider reads it. */
struct twin_message {
	enum twin_message_kind kind;
	uint64_t ns;      /* twin_netns.id */
	bool is_own;      /* a socket of the provider made the change */
	bool is_anybodys; /* no process is named as its maker */
	struct twin_view link;
	uint32_t ifindex; /* of an address or a route */
	struct twin_addr addr;
	struct model_route route;
	struct model_rule rule;
	uint8_t protocol, type;
	bool is_replacement; /* NLM_F_REPLACE */
	/* Of TWIN_MSG_NETNS; 'text' and 'name', the slave, of TWIN_MSG_FILE. */
	char *text, *what, *name;
	struct twin_message *next;
};

/* A descriptor of a namespace in another process, by the name that it was opened under. */
struct twin_hold {
	char *text;
	struct twin_netns *ns;
	struct twin_hold *next;
};

struct sim_cache;

struct twin_world {
	struct datapath_config config;
	unsigned int kernel_version; /* 601 is 6.1 */
	struct twin_netns *netns;
	/* Deleted ones. Their devices vanish at the next observation or drain (kernel.md
	 * 7). */
	struct twin_netns *zombies;
	struct twin_hold *holds;
	struct twin_file *files; /* /etc/netns/NAME/resolv.conf */
	struct twin_message *messages, **messages_end;
	struct sim_cache
		*cache;  /* what the provider remembers; the twin leaves it alone */
	bool is_own;     /* the provider itself is at work */
	uint32_t n_made; /* devices so far */
	uint32_t last_nameless;
	uint32_t next_ifindex; /* that the provider asks for */
	uint64_t last_inode, last_netns;
	uint64_t n_observations;
};

/* 'ext_ack' is NULL if the kernel sends none. */
static inline struct err *twin_kernel_err(int sys_errno, const char *ext_ack)
{
	struct err *e =
		err_new(ERR_SYSTEM, "%s", ext_ack ? ext_ack : strerror(sys_errno));

	e->sys_errno = sys_errno;
	return e;
}

static inline bool twin_link_is_ipvlan(const struct twin_link *l)
{
	return !strcmp(l->kind, "ipvlan") && l->lower;
}

/* One of those that share mode and flag with all on their lower device. */
static inline bool twin_link_is_in_port(const struct twin_link *l)
{
	return l->lower && (!strcmp(l->kind, "ipvlan") || !strcmp(l->kind, "ipvtap"));
}

/* What a slave of ours could be. */
static inline bool twin_link_is_slave(const struct twin_link *l)
{
	return l->lower && link_type_find_kind(l->kind);
}

/* Or another link type of that family, of which no other rules are known. */
static inline bool twin_link_is_macvlan(const struct twin_link *l)
{
	const char *family = l->lower ? link_type_family(l->kind) : NULL;

	return family && !strcmp(family, "macvlan");
}

static inline bool twin_link_is_passthru(const struct twin_link *l)
{
	return twin_link_is_macvlan(l) && l->own_mode == TWIN_MACVLAN_PASSTHRU;
}

static inline bool twin_link_is_vrf(const struct twin_link *l)
{
	return l && !strcmp(l->kind, "vrf");
}

static inline bool twin_link_is_lo(const struct twin_link *l)
{
	return !strcmp(l->name, "lo");
}

#endif
