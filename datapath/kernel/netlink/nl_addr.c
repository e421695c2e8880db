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

static void parse_lifetime(const struct nlattr *attr, struct nl_addr *a)
{
	struct ifa_cacheinfo info;

	if (mnl_attr_get_payload_len(attr) < sizeof(info))
		return;
	memcpy(&info, mnl_attr_get_payload(attr), sizeof(info));
	a->valid_s = info.ifa_valid;
	a->preferred_s = info.ifa_prefered;
	a->has_lifetime = a->valid_s != UINT32_MAX || a->preferred_s != UINT32_MAX;
}

/* What another program sets may be longer than a name. */
static void parse_label(const struct nlattr *attr, struct nl_addr *a)
{
	size_t n = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

	if (n >= sizeof(a->label))
		n = sizeof(a->label) - 1;
	memcpy(a->label, mnl_attr_get_payload(attr), n);
	a->label[n] = '\0';
}

static void parse_attr(const struct nlattr *attr, struct nl_addr *a)
{
	switch (mnl_attr_get_type(attr)) {
	case IFA_FLAGS:
		if (mnl_attr_get_payload_len(attr) >= sizeof(a->flags))
			a->flags = u32_of(attr);
		break;
	case IFA_CACHEINFO:
		parse_lifetime(attr, a);
		break;
	case IFA_LABEL:
		parse_label(attr, a);
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
	struct nl_addr a = {.valid_s = UINT32_MAX, .preferred_s = UINT32_MAX};

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

static enum model_route_scope scope_of(uint8_t scope)
{
	return scope == RT_SCOPE_LINK   ? MODEL_SCOPE_LINK
	       : scope == RT_SCOPE_HOST ? MODEL_SCOPE_HOST
					: MODEL_SCOPE_OTHER;
}

struct model_address_seen nl_addr_seen(const struct nl_addr *a, const char *name,
				       unsigned int notes)
{
	struct model_address_seen seen = {
		.address = a->prefix,
		.peer = a->peer,
		/* Linux inet_fill_ifaddr(): IPv4 shows a preferred lifetime of 0 by the flag
		 * alone. */
		.is_deprecated = nl_addr_is_static(a) && a->flags & IFA_F_DEPRECATED,
	};

	if (notes & MODEL_ADDRESS_SCOPE)
		seen.scope = scope_of(a->scope);
	if (a->prefix.addr.family == AF_INET && *a->label && strcmp(a->label, name)) {
		notes |= MODEL_ADDRESS_LABEL;
		memcpy(seen.label, a->label, sizeof(seen.label));
	}
	seen.notes = notes;
	return seen;
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
		     const struct ip_prefix *p, const struct ip_addr *peer)
{
	const struct ip_addr *address = peer->family ? peer : &p->addr;
	struct ifaddrmsg *msg = nl_msg_init(m, type, flags, sizeof(*msg));

	msg->ifa_family = p->addr.family;
	msg->ifa_prefixlen = p->len;
	msg->ifa_index = ifindex;
	nl_put(m, IFA_LOCAL, ip_addr_bytes(&p->addr), p->addr.bytes);
	nl_put(m, IFA_ADDRESS, ip_addr_bytes(address), address->bytes);
}

/* Without it the lifetimes are infinite. */
static void put_lifetime(struct nl_msg *m, uint32_t valid_s, uint32_t preferred_s)
{
	struct ifa_cacheinfo info = {.ifa_valid = valid_s, .ifa_prefered = preferred_s};

	nl_put(m, IFA_CACHEINFO, sizeof(info), &info);
}

static void put_options(struct nl_msg *m, const struct model_address_options *o)
{
	struct ifaddrmsg *msg = mnl_nlmsg_get_payload(nl_msg_head(m));

	if (o->scope == MODEL_SCOPE_LINK || o->scope == MODEL_SCOPE_HOST)
		msg->ifa_scope =
			o->scope == MODEL_SCOPE_LINK ? RT_SCOPE_LINK : RT_SCOPE_HOST;
	if (*o->label)
		nl_put_text(m, IFA_LABEL, o->label);
	if (o->lifetime == MODEL_LIFETIME_DEPRECATED)
		put_lifetime(m, UINT32_MAX, 0);
}

/* Like `ip address add`, without a broadcast address in IPv4. */
void nl_addr_msg_add(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct model_address_options *o)
{
	static const struct ip_addr none;

	put_addr(m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, p,
		 o ? &o->peer : &none);
	if (o)
		put_options(m, o);
}

/* In IPv6 the metric stays unless one is given. */
void nl_addr_msg_renew(struct nl_msg *m, const struct nl_addr *a,
		       enum model_lifetime lifetime)
{
	const struct ip_prefix *p = &a->prefix;
	bool is_deprecated = a->flags & IFA_F_DEPRECATED;

	put_addr(m, RTM_NEWADDR, NLM_F_REPLACE, a->ifindex, p, &a->peer);
	if (lifetime == MODEL_LIFETIME_DEPRECATED)
		put_lifetime(m, UINT32_MAX, 0);
	else if (lifetime == MODEL_LIFETIME_ANY && (a->has_lifetime || is_deprecated))
		put_lifetime(m, a->valid_s, is_deprecated ? 0 : a->preferred_s);
	if (p->addr.family == AF_INET6 && nl_addr_has_metric(a))
		nl_put_u32(m, IFA_RT_PRIORITY, IPV6_SUBNET_METRIC);
}

void nl_addr_msg_del(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p,
		     const struct ip_addr *peer)
{
	put_addr(m, RTM_DELADDR, 0, ifindex, p, peer);
}
