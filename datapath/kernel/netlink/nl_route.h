/* Routes as rtnetlink(7) tells them, and the messages that read, add and delete them. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_ROUTE_H
#define DATAPATH_KERNEL_NETLINK_NL_ROUTE_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/model.h"

struct nl_route {
	struct model_route route; /* its seen_foreign is not set */
	uint32_t ifindex;         /* 0: none, or several next hops */
	uint8_t protocol, type;   /* RTPROT_*, RTN_* */
	bool is_local; /* in the local table: what the kernel takes as its own */
};

/* False for what is no IPv4 or IPv6 route, or a cached clone of one. */
bool nl_route_parse_any(const struct nlmsghdr *h, struct nl_route *ret_route);
/* False as well for what somebody can have no interest in: an entry of the local table,
 * the kernel's own multicast ff00::/8. */
bool nl_route_parse(const struct nlmsghdr *h, struct nl_route *ret_route);
/* A subnet of an address, or what a router advertised: nobody's decision. */
bool nl_route_is_automatic(const struct nl_route *r);
/* "static", "dhcp", …, a number in 'buf' where it has no common name. */
const char *nl_route_protocol_name(uint8_t protocol, char buf[8]);

/* For nl_dump(); both families, all tables. 'protocol' 0: all; 'ifindex' 0: through all
 * devices. */
void nl_route_msg_dump(struct nl_msg *m, uint8_t protocol, uint32_t ifindex);
/* What the kernel makes of an IPv4 address: the route to its subnet, and its entry in the
 * local table, both as Linux fib_add_ifaddr() does. EEXIST where they are there. */
void nl_route_msg_subnet(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
void nl_route_msg_local(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
void nl_route_msg_add(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol);
/* Only the route with this protocol; one that differs in anything told stays. */
void nl_route_msg_del(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol);

#endif
