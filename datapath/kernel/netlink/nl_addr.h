/* Addresses as rtnetlink(7) reports them, and the messages that read, add and delete
 * them. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_ADDR_H
#define DATAPATH_KERNEL_NETLINK_NL_ADDR_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/model_address.h"
#include "lib/ip.h"

struct nl_addr {
	uint32_t ifindex;
	struct ip_prefix prefix;
	struct ip_addr peer;     /* none unless it is a point-to-point address */
	uint32_t flags;          /* IFA_F_* */
	uint32_t metric;         /* of the route to its subnet; 0: the default */
	uint8_t scope, protocol; /* RT_SCOPE_*; IFAPROT_*, or another program's number */
	bool has_lifetime;       /* it expires, or will be deprecated */
	uint32_t valid_s, preferred_s;         /* UINT32_MAX: forever */
	char label[MODEL_LABEL_MAX_BYTES + 1]; /* IPv4 */
};

bool nl_addr_parse(const struct nlmsghdr *h, struct nl_addr *ret_addr);
/* True if it does not expire (as one of DHCP or SLAAC does). */
bool nl_addr_is_static(const struct nl_addr *a);
/* True if duplicate address detection found another host. */
bool nl_addr_has_failed(const struct nl_addr *a);
/* What of it a row may declare; 'notes': as model_address_seen. 'name' is that of its device. */
struct model_address_seen nl_addr_seen(const struct nl_addr *a, const char *name,
				       unsigned int notes);
/* True if the route to its subnet has another metric than the kernel's default. */
bool nl_addr_has_metric(const struct nl_addr *a);
/* True if a program other than the kernel has marked it as its own. */
bool nl_addr_is_marked(const struct nl_addr *a);
/* True for a link-local address that the kernel itself added. */
bool nl_addr_is_kernels(const struct nl_addr *a, const uint8_t mac[6]);

/* For nl_dump(); both families. 'ifindex' 0: of all devices. */
void nl_addr_msg_dump(struct nl_msg *m, int32_t nsid, uint32_t ifindex);
/* 'o': what is declared beside it; NULL: nothing. */
void nl_addr_msg_add(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct model_address_options *o);
/* Gives 'a', which is present, the lifetime that is declared, and the default metric. In IPv6
 * this also restores the route to its subnet (Linux inet6_addr_modify()). */
void nl_addr_msg_renew(struct nl_msg *m, const struct nl_addr *a,
		       enum model_lifetime lifetime);
/* 'peer' may be none. */
void nl_addr_msg_del(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct ip_addr *peer);

/* The address in an attribute; AF_UNSPEC if its length does not fit the family. */
struct ip_addr nl_ip_addr(uint8_t family, const struct nlattr *attr);

#endif
