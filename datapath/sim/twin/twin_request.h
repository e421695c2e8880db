/* A request to the kernel as data: what rtnetlink(7) takes, or what a program does to the
 * files of /run/netns, /proc/sys and /etc/netns.
 *
 * One form for all: a step of a plan is executed as such requests, another process makes
 * them (sim_request()), and tests/twin sends the same ones to the real kernel. Both
 * kernels answer alike: 0, or an errno with the text of its extended ack. */
#ifndef DATAPATH_SIM_TWIN_REQUEST_H
#define DATAPATH_SIM_TWIN_REQUEST_H 1

#include "datapath/model.h"
#include "lib/ip.h"

#include <errno.h>
#include <stdint.h>

/* Of a request after the end of its process (sim_crash_at()). */
#define SIM_CRASH_ERRNO ESHUTDOWN

enum twin_request_kind {
	/* `ip netns add`, `delete`; `attach`: 'netns' becomes a text of 'other'. A text
	 * "/proc/PID/ns/net" is a process in that namespace, which starts and ends. */
	TWIN_NETNS_ADD,
	TWIN_NETNS_DEL,
	TWIN_NETNS_ATTACH,
	/* Leaves the file without a namespace on it (kernel.md 18). */
	TWIN_NETNS_UNMOUNT,
	/* Another process opens a descriptor of the namespace, or closes it again, which
	 * works after TWIN_NETNS_DEL too (kernel.md 16). */
	TWIN_NETNS_HOLD,
	TWIN_NETNS_RELEASE,
	TWIN_LINK_NEW, /* RTM_NEWLINK */
	TWIN_LINK_SET, /* RTM_SETLINK */
	TWIN_LINK_DEL, /* RTM_DELLINK */
	TWIN_ADDR_NEW,
	TWIN_ADDR_DEL,
	TWIN_ROUTE_NEW,
	TWIN_ROUTE_DEL,
	TWIN_RULE_NEW, /* RTM_NEWRULE */
	TWIN_RULE_DEL, /* RTM_DELRULE */
	TWIN_SYSCTL,   /* a write to net.KEY of the device */
	/* /etc/netns/NETNS/resolv.conf by another program; "" removes it. */
	TWIN_RESOLV_CONF,
	/* A program sends a router advertisement (RFC 4861) by the device: it is a default
	 * router, and hosts make an address of the prefix (kernel.md 11). */
	TWIN_ADVERTISE,
	/* The packet filter of the namespace drops every IPv4 packet of a hook, or none. */
	TWIN_FILTER,
	TWIN_REQUEST_KINDS
};

/* NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT. */
enum twin_hook { TWIN_HOOK_INPUT, TWIN_HOOK_OUTPUT, TWIN_HOOKS };

/* NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_APPEND. */
enum twin_request_flag {
	TWIN_CREATE = 1 << 0,
	TWIN_EXCL = 1 << 1,
	TWIN_REPLACE = 1 << 2,
	TWIN_APPEND = 1 << 3,
};

/* Attributes that are numbers: sent if their bit is in 'sent'. A text is sent unless it
 * is NULL. */
enum twin_link_attr {
	TWIN_LINK_MODE = 1 << 0,    /* IFLA_IPVLAN_MODE */
	TWIN_LINK_FLAG = 1 << 1,    /* IFLA_IPVLAN_FLAGS */
	TWIN_LINK_UP = 1 << 2,      /* IFF_UP in ifi_change */
	TWIN_LINK_MTU = 1 << 3,     /* IFLA_MTU */
	TWIN_LINK_GROUP = 1 << 4,   /* IFLA_GROUP */
	TWIN_LINK_CARRIER = 1 << 5, /* IFLA_CARRIER */
	TWIN_LINK_VLAN_ID = 1 << 6,
	TWIN_LINK_TXQLEN = 1 << 7,
	TWIN_LINK_AF_SPEC = 1 << 8, /* IFLA_AF_SPEC, of IPv6 (kernel.md 13) */
	TWIN_LINK_VRF_TABLE = 1 << 9,
	TWIN_LINK_ARP = 1 << 10, /* IFF_NOARP in ifi_change */
	/* Not of rtnetlink: its driver asks that peers be notified (NETDEV_NOTIFY_PEERS). */
	TWIN_LINK_FAILED_OVER = 1 << 11,
};

struct twin_link_request {
	unsigned int sent;
	bool is_up, has_arp, has_carrier, has_af_spec;
	uint16_t mode, flag, vlan_id;
	uint32_t mtu, group, txqlen, vrf_table;
	const char *kind; /* IFLA_INFO_KIND */
	/* IFLA_LINK: the device of this name in the socket's namespace, or, with
	 * IFLA_LINK_NETNSID, in 'lower_netns'. */
	const char *lower, *lower_netns;
	/* IFLA_NET_NS_FD: where the device is made, or moved. */
	const char *to_netns;
	/* IFLA_TARGET_NETNSID: where a device is deleted; of other requests as 'to_netns'
	 * (kernel.md 13). */
	const char *target;
	/* IFLA_IFNAME of a request that names its device by ifindex: a rename. */
	const char *new_name;
	const char *alias, *alt_name;
	const char *old_alt_name; /* RTM_DELLINKPROP */
	const char *mac;          /* "02:00:00:00:00:01" */
	const char *controller;   /* IFLA_MASTER: a device; "": none */
	const char *peer;         /* of kind veth: the other end, in the same namespace */
};

enum twin_addr_attr {
	TWIN_ADDR_LIFETIME =
		1 << 0, /* IFA_CACHEINFO; without it the address is permanent */
	TWIN_ADDR_SCOPE = 1 << 1,
	TWIN_ADDR_METRIC = 1 << 2,
	TWIN_ADDR_PROTOCOL = 1 << 3, /* IFA_PROTO */
};

struct twin_addr_request {
	unsigned int sent;
	struct ip_prefix address;
	struct ip_addr peer; /* none: not a point-to-point address */
	uint32_t valid_s, preferred_s;
	uint32_t metric;
	uint8_t scope, protocol; /* RT_SCOPE_*, IFAPROT_* */
	const char *label;       /* IFA_LABEL */
	bool has_no_dad;         /* IFA_F_NODAD */
};

/* Values of rtnetlink(7): those of 'route' are 0 if not sent. */
struct twin_route_request {
	struct model_route route;
	uint8_t protocol, type, scope; /* type 0: unicast */
};

/* FRA_*: those of 'rule' are 0 if not sent. */
struct twin_rule_request {
	struct model_rule rule;
	uint8_t protocol;
	bool has_priority;
};

struct twin_request {
	enum twin_request_kind kind;
	unsigned int flags; /* enum twin_request_flag */
	/* The namespace of the socket; of requests on namespaces, the one meant. "" is the
	 * daemon's own. */
	const char *netns;
	const char *other; /* of TWIN_NETNS_ATTACH */
	/* The device: ifi_index if it is not 0, else this name. A new device: its name, and
	 * the ifindex asked for. LINK_DEL with 'name' NULL and ifindex 0: the group. */
	const char *name;
	uint32_t ifindex;
	union {
		struct twin_link_request link;
		struct twin_addr_request addr;
		struct twin_route_request route;
		struct twin_rule_request rule;
		struct {
			const char *key, *value; /* "ipv6.disable_ipv6", "1" */
		} sysctl;
		const char *resolv_conf;
		struct ip_prefix advertised;
		struct {
			enum twin_hook hook;
			bool drops;
		} filter;
	} u;
};

#endif
