/* Addresses as rtnetlink(7) tells them, and the messages that read, add and delete them.
 */
#ifndef DATAPATH_KERNEL_NL_ADDR_H
#define DATAPATH_KERNEL_NL_ADDR_H 1

#include "datapath/kernel/nl_socket.h"
#include "lib/ip.h"

struct nl_addr {
	uint32_t ifindex;
	struct ip_prefix prefix;
	uint32_t flags; /* IFA_F_* */
};

bool nl_addr_parse(const struct nlmsghdr *h, struct nl_addr *ret_addr);
/* One that stays until somebody removes it (not DHCP's, nor SLAAC's). */
bool nl_addr_is_static(const struct nl_addr *a);
bool nl_addr_has_failed(
	const struct nl_addr *a); /* duplicate address detection found another */

/* For nl_dump(); both families. 'ifindex' 0: of all devices. */
void nl_addr_msg_dump(struct nl_msg *m, int32_t nsid, uint32_t ifindex);
void nl_addr_msg_add(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);
void nl_addr_msg_del(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p);

/* An address out of an attribute; AF_UNSPEC where its length is not the family's. */
struct ip_addr nl_ip_addr(uint8_t family, const struct nlattr *attr);

#endif
