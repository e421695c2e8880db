/* RTM_*ADDR: parsing, and the messages that read, add and delete addresses. */
#include "datapath/kernel/netlink/nl_addr.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define IPV6_SUBNET_METRIC 256 /* Linux IP6_RT_PRIO_ADDRCONF */

struct ip_addr nl_ip_addr(uint8_t family, const struct nlattr *attr)
{
	struct ip_addr addr = {.family = family};
	unsigned int n = ip_addr_bytes(&addr);

	if (!n || mnl_attr_get_payload_len(attr) != n)
		return (struct ip_addr){.family = AF_UNSPEC};
	memcpy(addr.bytes, mnl_attr_get_payload(attr), n);
	return addr;
}

static uint32_t u32_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

static bool is_limited(const struct nlattr *attr)
{
	struct ifa_cacheinfo info;

	if (mnl_attr_get_payload_len(attr) < sizeof(info))
		return false;
	memcpy(&info, mnl_attr_get_payload(attr), sizeof(info));
	return info.ifa_valid != UINT32_MAX || info.ifa_prefered != UINT32_MAX;
}

static void parse_attr(const struct nlattr *attr, struct nl_addr *a)
{
	switch (mnl_attr_get_type(attr)) {
	case IFA_FLAGS:
		if (mnl_attr_get_payload_len(attr) >= sizeof(a->flags))
			a->flags = u32_of(attr);
		break;
	case IFA_CACHEINFO:
		a->has_lifetime = is_limited(attr);
		break;
	case IFA_RT_PRIORITY:
		a->metric = u32_of(attr);
		break;
	case IFA_PROTO:
		if (mnl_attr_get_payload_len(attr) >= sizeof(a->protocol))
			a->protocol = mnl_attr_get_u8(attr);
		break;
	default:
		break;
	}
}

bool nl_addr_parse(const struct nlmsghdr *h, struct nl_addr *ret_addr)
{
	const struct ifaddrmsg *msg = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr, *address = NULL, *local = NULL;
	struct nl_addr a = {0};

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*msg) ||
	    (msg->ifa_family != AF_INET && msg->ifa_family != AF_INET6))
		return false;
	a.ifindex = msg->ifa_index;
	a.flags = msg->ifa_flags;
	a.scope = msg->ifa_scope;
	nl_attr_for_each (attr, h, sizeof(*msg)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFA_LOCAL)
			local = attr;
		if (type == IFA_ADDRESS)
			address = attr;
		parse_attr(attr, &a);
	}
	/* If both are given, IFA_ADDRESS is that of the peer (rtnetlink(7)). */
	if (!local && !address)
		return false;
	a.prefix.addr = nl_ip_addr(msg->ifa_family, local ? local : address);
	a.prefix.len = msg->ifa_prefixlen;
	if (!a.prefix.addr.family || a.prefix.len > ip_addr_bits(&a.prefix.addr))
		return false;
	if (local && address)
		a.peer = nl_ip_addr(msg->ifa_family, address);
	if (!ip_addr_cmp(&a.peer, &a.prefix.addr))
		a.peer = (struct ip_addr){0};
	*ret_addr = a;
	return true;
}

bool nl_addr_is_static(const struct nl_addr *a)
{
	return a->flags & IFA_F_PERMANENT;
}

bool nl_addr_has_failed(const struct nl_addr *a)
{
	return a->flags & IFA_F_DADFAILED;
}

bool nl_addr_has_metric(const struct nl_addr *a)
{
	return a->metric &&
	       (a->prefix.addr.family == AF_INET || a->metric != IPV6_SUBNET_METRIC);
}

bool nl_addr_is_marked(const struct nl_addr *a)
{
	return a->protocol > IFAPROT_KERNEL_LL;
}

/* Linux addrconf_ifid_eui48(): the MAC address, with the device's own number in its middle.
 * Before Linux 5.18 nothing else marks it. */
static bool has_mac(const struct ip_addr *addr, const uint8_t mac[6])
{
	const uint8_t *id = addr->bytes + 8;

	return !((id[0] ^ mac[0]) & ~2) && id[1] == mac[1] && id[2] == mac[2] &&
	       !memcmp(id + 5, mac + 3, 3);
}

bool nl_addr_is_kernels(const struct nl_addr *a, const uint8_t mac[6])
{
	if (a->prefix.addr.family != AF_INET6 || !ip_addr_is_link_local(&a->prefix.addr))
		return false;
	return a->protocol ? a->protocol == IFAPROT_KERNEL_LL
			   : has_mac(&a->prefix.addr, mac);
}

void nl_addr_msg_dump(struct nl_msg *m, int32_t nsid, uint32_t ifindex)
{
	struct ifaddrmsg *msg = nl_msg_init(m, RTM_GETADDR, NLM_F_DUMP, sizeof(*msg));

	msg->ifa_family = AF_UNSPEC;
	msg->ifa_index = ifindex;
	if (nsid != NSID_HERE)
		nl_put_u32(m, IFA_TARGET_NETNSID, (uint32_t)nsid);
}

static void put_addr(struct nl_msg *m, uint16_t type, uint16_t flags, uint32_t ifindex,
		     const struct ip_prefix *p, const struct ip_addr *address)
{
	struct ifaddrmsg *msg = nl_msg_init(m, type, flags, sizeof(*msg));

	msg->ifa_family = p->addr.family;
	msg->ifa_prefixlen = p->len;
	msg->ifa_index = ifindex;
	nl_put(m, IFA_LOCAL, ip_addr_bytes(&p->addr), p->addr.bytes);
	nl_put(m, IFA_ADDRESS, ip_addr_bytes(address), address->bytes);
}

/* Like `ip address add`, without a broadcast address in IPv4. */
void nl_addr_msg_add(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p)
{
	put_addr(m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, p, &p->addr);
}

/* Without IFA_CACHEINFO the lifetimes are infinite. In IPv6 the metric stays unless one
 * is given. */
void nl_addr_msg_renew(struct nl_msg *m, const struct nl_addr *a)
{
	const struct ip_prefix *p = &a->prefix;

	put_addr(m, RTM_NEWADDR, NLM_F_REPLACE, a->ifindex, p, &p->addr);
	if (p->addr.family == AF_INET6 && nl_addr_has_metric(a))
		nl_put_u32(m, IFA_RT_PRIORITY, IPV6_SUBNET_METRIC);
}

void nl_addr_msg_del(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct ip_addr *peer)
{
	put_addr(m, RTM_DELADDR, 0, ifindex, p, peer->family ? peer : &p->addr);
}
