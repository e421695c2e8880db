/* Routes as rtnetlink(7) reports them, and the messages that read, add and delete
 * them. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_ROUTE_H
#define DATAPATH_KERNEL_NETLINK_NL_ROUTE_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/model.h"

struct nl_route {
	struct model_route route; /* its seen_foreign is not set */
	uint32_t ifindex;         /* 0: none, or several devices; of a reject route */
	uint8_t protocol, type;   /* RTPROT_*, RTN_* */
	/* in the local table: addresses that the kernel accepts as its own */
	bool is_local;
	/* Of several gateways: the device of each, as far as there is room. */
	uint32_t hop_ifindexes[MODEL_ROUTE_HOPS_MAX];
	uint8_t n_hops;
	/* What it has and 'route' cannot have: "a TOS"; NULL: nothing. Static. */
	const char *extra;
};

/* False for a message that is no IPv4 or IPv6 route, or a cached clone of one. */
bool nl_route_parse_any(const struct nlmsghdr *h, struct nl_route *ret_route);
/* Also false for entries of the local table and the kernel's own multicast route
 * ff00::/8. */
bool nl_route_parse(const struct nlmsghdr *h, struct nl_route *ret_route);
/* True for the route to the subnet of an address and for what a router advertised: no
 * program decided it. */
bool nl_route_is_automatic(const struct nl_route *r);
/* True for what `ip route` and ipvl make; not what a client of DHCP or a routing daemon
 * keeps. */
bool nl_route_is_configured(const struct nl_route *r, uint8_t ours);
/* Of RTA_GATEWAY or RTA_VIA; 'family' is that of the route. */
struct ip_addr nl_route_gateway(const struct nlattr *attr, uint8_t family);
/* As model_route_text(), with any type. */
const char *nl_route_text(struct arena *a, const struct nl_route *r);
/* "static", "dhcp"; a number in 'buf' if it has no common name. */
const char *nl_route_protocol_name(uint8_t protocol, char buf[8]);

/* For nl_dump(); both families, all tables. 'protocol' 0: all; 'ifindex' 0: through all
 * devices. */
void nl_route_msg_dump(struct nl_msg *m, uint8_t protocol, uint32_t ifindex);
/* The routes that the kernel adds for an IPv4 address: the one to its subnet, and its
 * entry in the local table (Linux fib_add_ifaddr()). EEXIST if they are present. */
void nl_route_msg_subnet(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
void nl_route_msg_local(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
void nl_route_msg_add(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol);
/* In place of the first route with its key, if there is one: at no moment is there none (Linux
 * fib_table_insert(), fib6_add_rt2node()). */
void nl_route_msg_replace(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
			  uint8_t protocol);
/* Deletes only a route with this protocol number that does not differ in anything
 * given. */
void nl_route_msg_del(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol);

#endif
