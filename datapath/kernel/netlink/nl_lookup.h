/* What the kernel does with a packet: RTM_GETROUTE of one destination, as `ip route get`. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_LOOKUP_H
#define DATAPATH_KERNEL_NETLINK_NL_LOOKUP_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "lib/ip.h"

struct nl_lookup {
	uint8_t type;     /* RTN_* */
	uint32_t ifindex; /* that it leaves by */
	struct ip_addr via, source;
	/* IPv4: no route was found, and the device that was given decides. */
	bool is_guessed;
};
bool nl_lookup_parse(const struct nlmsghdr *h, struct nl_lookup *ret_found);
/* 'from' none: the kernel chooses. 'in', the device that the packet arrives by, and 'out'
 * may be 0. A packet that is dropped is an error, with its errno. */
void nl_lookup_msg(struct nl_msg *m, const struct ip_addr *to, const struct ip_addr *from,
		   uint32_t in, uint32_t out);

#endif
