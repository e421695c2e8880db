/* Addresses as rtnetlink(7) tells them, and the messages that read, add and delete them.
 */
#ifndef DATAPATH_KERNEL_NETLINK_NL_ADDR_H
#define DATAPATH_KERNEL_NETLINK_NL_ADDR_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "lib/ip.h"

struct nl_addr {
	uint32_t ifindex;
	struct ip_prefix prefix;
	struct ip_addr peer;     /* none, but for a point-to-point address */
	uint32_t flags;          /* IFA_F_* */
	uint32_t metric;         /* of the route to its subnet; 0: the kernel's */
	uint8_t scope, protocol; /* RT_SCOPE_*; IFAPROT_*, or another program's number */
	bool has_lifetime;       /* it runs out, or is to be deprecated */
};

bool nl_addr_parse(const struct nlmsghdr *h, struct nl_addr *ret_addr);
/* One that stays until somebody removes it (not DHCP's, nor SLAAC's). */
bool nl_addr_is_static(const struct nl_addr *a);
bool nl_addr_has_failed(
	const struct nl_addr *a); /* duplicate address detection found another */
/* The route to its subnet has a metric that the kernel does not give it by itself. */
bool nl_addr_has_metric(const struct nl_addr *a);
/* A program other than the kernel has marked it as its own. */
bool nl_addr_is_marked(const struct nl_addr *a);

/* For nl_dump(); both families. 'ifindex' 0: of all devices. */
void nl_addr_msg_dump(struct nl_msg *m, int32_t nsid, uint32_t ifindex);
void nl_addr_msg_add(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
/* Of 'a', which is there: for ever, with the usual metric. In IPv6 also with the route to
 * its subnet (Linux inet6_addr_modify()). */
void nl_addr_msg_renew(struct nl_msg *m, const struct nl_addr *a);
/* 'peer' may be none. */
void nl_addr_msg_del(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct ip_addr *peer);

/* An address out of an attribute; AF_UNSPEC where its length is not the family's. */
struct ip_addr nl_ip_addr(uint8_t family, const struct nlattr *attr);

#endif
