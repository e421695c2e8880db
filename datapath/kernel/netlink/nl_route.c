/* RTM_*ROUTE: parsing, and the messages that read, add and delete routes. The protocol is
 * a number here, ours or another. */
#include "datapath/kernel/netlink/nl_route.h"

#include "datapath/kernel/netlink/nl_addr.h"
#include "lib/alloc.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(MODEL_ROUTE_TABLE_MAIN == RT_TABLE_MAIN, "the main table of the kernel");
_Static_assert((int)MODEL_ROUTE_BLACKHOLE == RTN_BLACKHOLE &&
		       (int)MODEL_ROUTE_UNREACHABLE == RTN_UNREACHABLE &&
		       (int)MODEL_ROUTE_PROHIBIT == RTN_PROHIBIT &&
		       (int)MODEL_ROUTE_THROW == RTN_THROW,
	       "the types of the kernel");

static uint32_t u32_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

/* RTA_VIA: an IPv4 route through an IPv6 router. */
static struct ip_addr via_of(const struct nlattr *attr)
{
	const struct rtvia *via = mnl_attr_get_payload(attr);
	struct ip_addr addr = {0};
	size_t n = mnl_attr_get_payload_len(attr);

	if (n <= sizeof(*via))
		return addr;
	addr.family = (uint8_t)via->rtvia_family;
	if (n != sizeof(*via) + ip_addr_bytes(&addr))
		return (struct ip_addr){0};
	memcpy(addr.bytes, via->rtvia_addr, n - sizeof(*via));
	return addr;
}

static void parse_metrics(const struct nlattr *metrics, struct nl_route *r)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, metrics) {
		if (mnl_attr_get_type(attr) == RTAX_MTU)
			r->route.mtu = u32_of(attr);
		else if (mnl_attr_get_type(attr) == RTAX_ADVMSS)
			r->route.advmss = u32_of(attr);
		else if (mnl_attr_get_type(attr) == RTAX_LOCK)
			r->extra = "a lock on its MTU or another value";
		else if (u32_of(attr))
			r->extra = "a value for TCP or for hops";
	}
}

static enum model_route_type type_of(uint8_t type)
{
	return type >= RTN_BLACKHOLE && type <= RTN_THROW ? (enum model_route_type)type
							  : MODEL_ROUTE_UNICAST;
}

/* Other types have no gateway from which a scope could follow. */
static enum model_route_scope scope_of(const struct rtmsg *msg,
				       const struct model_route *r)
{
	if (msg->rtm_family != AF_INET || msg->rtm_type != RTN_UNICAST)
		return MODEL_SCOPE_DERIVED;
	switch (msg->rtm_scope) {
	case RT_SCOPE_UNIVERSE:
		return model_route_scope_of(r, MODEL_SCOPE_GLOBAL);
	case RT_SCOPE_LINK:
		return model_route_scope_of(r, MODEL_SCOPE_LINK);
	case RT_SCOPE_HOST:
		return MODEL_SCOPE_HOST;
	default:
		return MODEL_SCOPE_OTHER;
	}
}

struct ip_addr nl_route_gateway(const struct nlattr *attr, uint8_t family)
{
	return mnl_attr_get_type(attr) == RTA_VIA ? via_of(attr)
						  : nl_ip_addr(family, attr);
}

static struct model_hop parse_hop(const struct rtnexthop *nh, uint8_t family)
{
	struct model_hop hop = {.weight = (uint16_t)(nh->rtnh_hops + 1)};
	const struct nlattr *attr = (const struct nlattr *)RTNH_DATA(nh);
	const char *end = (const char *)nh + nh->rtnh_len;

	for (; mnl_attr_ok(attr, (int)(end - (const char *)attr));
	     attr = mnl_attr_next(attr)) {
		if (mnl_attr_get_type(attr) == RTA_GATEWAY ||
		    mnl_attr_get_type(attr) == RTA_VIA)
			hop.via = nl_route_gateway(attr, family);
	}
	return hop;
}

/* RTA_MULTIPATH. A route of ours has at most MODEL_ROUTE_HOPS_MAX gateways, all by one
 * device; another differs from it in a weight of 0, or in its device. */
static void parse_hops(const struct nlattr *multipath, uint8_t family, struct nl_route *r)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX];
	const struct rtnexthop *nh = mnl_attr_get_payload(multipath);
	int left = mnl_attr_get_payload_len(multipath);
	size_t n = 0;

	for (; RTNH_OK(nh, left); n++) {
		int bytes = RTNH_ALIGN(nh->rtnh_len);

		r->ifindex = !n || r->ifindex == (uint32_t)nh->rtnh_ifindex
				     ? (uint32_t)nh->rtnh_ifindex
				     : 0;
		r->route.on_link |= nh->rtnh_flags & RTNH_F_ONLINK;
		if (n < ARRAY_SIZE(hops)) {
			r->hop_ifindexes[r->n_hops++] = (uint32_t)nh->rtnh_ifindex;
			hops[n] = parse_hop(nh, family);
			if (hops[n].via.family != family)
				r->extra = "a path without a gateway of its family";
		} else {
			hops[0].weight = 0;
			r->extra = "too many gateways";
		}
		nh = (const struct rtnexthop *)((const char *)nh + bytes);
		left -= bytes;
	}
	model_route_set_hops(&r->route, hops,
			     n < ARRAY_SIZE(hops) ? n : ARRAY_SIZE(hops));
}

static bool expires(const struct nlattr *attr)
{
	struct rta_cacheinfo info;

	if (mnl_attr_get_payload_len(attr) < sizeof(info))
		return false;
	memcpy(&info, mnl_attr_get_payload(attr), sizeof(info));
	return info.rta_expires != 0;
}

static void parse_attr(const struct nlattr *attr, uint8_t family, struct nl_route *r)
{
	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		r->route.to.addr = nl_ip_addr(family, attr);
		break;
	case RTA_GATEWAY:
	case RTA_VIA:
		r->route.via = nl_route_gateway(attr, family);
		break;
	case RTA_MULTIPATH:
		parse_hops(attr, family, r);
		break;
	case RTA_PREFSRC:
		r->route.from = nl_ip_addr(family, attr);
		break;
	case RTA_OIF:
		r->ifindex = u32_of(attr);
		break;
	case RTA_PRIORITY:
		r->route.metric = u32_of(attr);
		break;
	case RTA_TABLE:
		r->route.table = u32_of(attr);
		break;
	case RTA_METRICS:
		parse_metrics(attr, r);
		break;
	case RTA_ENCAP:
		r->extra = "an encapsulation";
		break;
	case RTA_FLOW:
		r->extra = "a realm";
		break;
	case RTA_NH_ID:
		r->extra = "a nexthop object";
		break;
	case RTA_SRC:
		r->extra = "a source network";
		break;
	case RTA_PREF:
		if (mnl_attr_get_payload_len(attr) && mnl_attr_get_u8(attr))
			r->extra = "a preference";
		break;
	case RTA_CACHEINFO:
		if (expires(attr))
			r->extra = "a lifetime";
		break;
	default:
		break;
	}
}

bool nl_route_parse_any(const struct nlmsghdr *h, struct nl_route *ret_route)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(h);
	struct nl_route r = {0};
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*msg) ||
	    msg->rtm_flags & RTM_F_CLONED ||
	    (msg->rtm_family != AF_INET && msg->rtm_family != AF_INET6))
		return false;
	r.route.to.addr.family = msg->rtm_family;
	r.route.to.len = msg->rtm_dst_len;
	r.route.table = msg->rtm_table;
	r.route.on_link = msg->rtm_flags & RTNH_F_ONLINK;
	r.protocol = msg->rtm_protocol;
	r.type = msg->rtm_type;
	nl_attr_for_each (attr, h, sizeof(*msg))
		parse_attr(attr, msg->rtm_family, &r);
	r.route.type = type_of(msg->rtm_type);
	/* In IPv6 the kernel keeps it on lo. */
	if (model_route_is_reject(&r.route))
		r.ifindex = 0;
	r.route.scope = scope_of(msg, &r.route);
	if (msg->rtm_tos)
		r.extra = "a TOS";
	else if (r.route.scope == MODEL_SCOPE_OTHER)
		r.extra = "a scope of its own";
	else if (r.route.via.family && r.route.via.family != msg->rtm_family)
		r.extra = "a gateway of the other family";
	r.is_local = r.route.table == RT_TABLE_LOCAL;
	/* 0 and the kernel's value for it are one metric (model_route_key_cmp()). The
	 * model has 0. */
	if (msg->rtm_family == AF_INET6 && r.route.metric == MODEL_IPV6_METRIC)
		r.route.metric = 0;
	*ret_route = r;
	return true;
}

bool nl_route_parse(const struct nlmsghdr *h, struct nl_route *ret_route)
{
	struct nl_route r;

	if (!nl_route_parse_any(h, &r) || r.is_local || r.type == RTN_MULTICAST ||
	    r.type == RTN_BROADCAST || r.type == RTN_ANYCAST || r.type == RTN_LOCAL)
		return false;
	*ret_route = r;
	return true;
}

bool nl_route_is_automatic(const struct nl_route *r)
{
	return r->protocol == RTPROT_KERNEL || r->protocol == RTPROT_RA ||
	       r->protocol == RTPROT_REDIRECT;
}

bool nl_route_is_configured(const struct nl_route *r, uint8_t ours)
{
	return r->protocol == RTPROT_UNSPEC || r->protocol == RTPROT_BOOT ||
	       r->protocol == RTPROT_STATIC || r->protocol == ours;
}

const char *nl_route_text(struct arena *a, const struct nl_route *r)
{
	static const char *const types[] = {
		[RTN_LOCAL] = "local",
		[RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",
		[RTN_MULTICAST] = "multicast",
	};
	const char *text = model_route_text(a, &r->route);

	return r->type < ARRAY_SIZE(types) && types[r->type]
		       ? arena_printf(a, "%s %s", types[r->type], text)
		       : text;
}

const char *nl_route_protocol_name(uint8_t protocol, char buf[8])
{
	/* The names in iproute2's rt_protos. */
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
		{RTPROT_REDIRECT, "redirect"},
		{RTPROT_KERNEL, "kernel"},
		{RTPROT_BOOT, "boot"},
		{RTPROT_STATIC, "static"},
		{RTPROT_RA, "ra"},
		{RTPROT_ZEBRA, "zebra"},
		{RTPROT_BIRD, "bird"},
		{RTPROT_DHCP, "dhcp"},
		{18, "keepalived"},
		{186, "bgp"},
		{187, "isis"},
		{188, "ospf"},
		{189, "rip"},
		{192, "eigrp"},
		{196, "zstatic"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].number == protocol)
			return names[i].name;
	}
	snprintf(buf, 8, "%u", protocol);
	return buf;
}

void nl_route_msg_dump(struct nl_msg *m, uint8_t protocol, uint32_t ifindex)
{
	struct rtmsg *msg = nl_msg_init(m, RTM_GETROUTE, NLM_F_DUMP, sizeof(*msg));

	msg->rtm_family = AF_UNSPEC;
	msg->rtm_protocol = protocol;
	if (ifindex)
		nl_put_u32(m, RTA_OIF, ifindex);
}

/* All gateways are of the route's family (config/canon_route.c). */
static void put_hops(struct nl_msg *m, uint32_t ifindex, const struct model_route *r)
{
	struct {
		struct rtnexthop head;
		struct nlattr gateway;
		uint8_t address[16];
	} hops[MODEL_ROUTE_HOPS_MAX];
	char bytes[sizeof(hops)];
	size_t n = ip_addr_bytes(&r->to.addr), used = 0;

	for (size_t i = 0; i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);
		size_t size = offsetof(typeof(hops[0]), address) + n;

		hops[i].head = (struct rtnexthop){
			.rtnh_len = (uint16_t)size,
			.rtnh_flags = r->on_link ? RTNH_F_ONLINK : 0,
			.rtnh_hops = (uint8_t)(hop.weight - 1),
			.rtnh_ifindex = (int)ifindex,
		};
		hops[i].gateway = (struct nlattr){
			.nla_len = (uint16_t)(sizeof(struct nlattr) + n),
			.nla_type = RTA_GATEWAY,
		};
		memcpy(hops[i].address, hop.via.bytes, n);
		memcpy(bytes + used, &hops[i], size);
		used += size;
	}
	nl_put(m, RTA_MULTIPATH, used, bytes);
}

static struct rtmsg *put_route(struct nl_msg *m, uint16_t type, uint16_t flags,
			       uint32_t ifindex, const struct model_route *r,
			       uint8_t protocol)
{
	struct rtmsg *msg = nl_msg_init(m, type, flags, sizeof(*msg));

	msg->rtm_family = r->to.addr.family;
	msg->rtm_dst_len = r->to.len;
	msg->rtm_protocol = protocol;
	msg->rtm_type = model_route_is_reject(r) ? (uint8_t)r->type : RTN_UNICAST;
	msg->rtm_table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC;
	if (r->to.len)
		nl_put(m, RTA_DST, ip_addr_bytes(&r->to.addr), r->to.addr.bytes);
	if (r->via.family == r->to.addr.family && !r->n_more)
		nl_put(m, RTA_GATEWAY, ip_addr_bytes(&r->via), r->via.bytes);
	if (r->from.family)
		nl_put(m, RTA_PREFSRC, ip_addr_bytes(&r->from), r->from.bytes);
	if (r->metric)
		nl_put_u32(m, RTA_PRIORITY, r->metric);
	nl_put_u32(m, RTA_TABLE, r->table);
	if (type == RTM_NEWROUTE && r->n_more)
		put_hops(m, ifindex, r);
	else if (!model_route_is_reject(r))
		nl_put_u32(m, RTA_OIF, ifindex);
	return msg;
}

static void put_via(struct nl_msg *m, const struct model_route *r)
{
	/* struct rtvia: the family, then the address. */
	char bytes[sizeof(struct rtvia) + sizeof(r->via.bytes)] = {0};
	const struct rtvia via = {.rtvia_family = r->via.family};

	if (!r->via.family || r->via.family == r->to.addr.family)
		return;
	memcpy(bytes, &via, sizeof(via));
	memcpy(bytes + sizeof(via), r->via.bytes, ip_addr_bytes(&r->via));
	nl_put(m, RTA_VIA, sizeof(via) + ip_addr_bytes(&r->via), bytes);
}

static void put_metrics(struct nl_msg *m, const struct model_route *r)
{
	struct nlattr *metrics;

	if (!r->mtu && !r->advmss)
		return;
	metrics = nl_nest(m, RTA_METRICS);
	if (r->mtu)
		nl_put_u32(m, RTAX_MTU, r->mtu);
	if (r->advmss)
		nl_put_u32(m, RTAX_ADVMSS, r->advmss);
	nl_nest_end(m, metrics);
}

/* As iproute2 does (ip/iproute.c). */
static uint8_t scope_number(const struct model_route *r)
{
	switch (r->scope) {
	case MODEL_SCOPE_LINK:
		return RT_SCOPE_LINK;
	case MODEL_SCOPE_HOST:
		return RT_SCOPE_HOST;
	case MODEL_SCOPE_DERIVED:
		return r->to.addr.family == AF_INET && !r->via.family &&
				       !model_route_is_reject(r)
			       ? RT_SCOPE_LINK
			       : RT_SCOPE_UNIVERSE;
	case MODEL_SCOPE_GLOBAL:
	case MODEL_SCOPE_OTHER:
		break;
	}
	return RT_SCOPE_UNIVERSE;
}

static void put_new(struct nl_msg *m, uint16_t flags, uint32_t ifindex,
		    const struct model_route *r, uint8_t protocol)
{
	struct rtmsg *msg = put_route(m, RTM_NEWROUTE, flags, ifindex, r, protocol);

	msg->rtm_scope = scope_number(r);
	if (r->on_link && r->via.family && !r->n_more)
		msg->rtm_flags = RTNH_F_ONLINK;
	put_via(m, r);
	put_metrics(m, r);
}

void nl_route_msg_add(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol)
{
	put_new(m, NLM_F_CREATE | NLM_F_EXCL, ifindex, r, protocol);
}

void nl_route_msg_replace(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
			  uint8_t protocol)
{
	put_new(m, NLM_F_CREATE | NLM_F_REPLACE, ifindex, r, protocol);
}

/* APPEND, like the kernel: another device may have a route to the same subnet. */
static void put_own(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *to,
		    const struct ip_addr *from, uint32_t table)
{
	const struct model_route r = {.to = *to, .from = *from, .table = table};

	put_route(m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, ifindex, &r,
		  RTPROT_KERNEL);
}

static struct rtmsg *rtmsg_of(struct nl_msg *m)
{
	return mnl_nlmsg_get_payload(nl_msg_head(m));
}

void nl_route_msg_subnet(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p)
{
	struct ip_prefix net = ip_prefix_network(p);

	put_own(m, ifindex, &net, &p->addr, RT_TABLE_MAIN);
	rtmsg_of(m)->rtm_scope = RT_SCOPE_LINK;
}

void nl_route_msg_local(struct nl_msg *m, uint32_t ifindex, const struct ip_prefix *p)
{
	struct ip_prefix host = {.addr = p->addr, .len = 32};

	put_own(m, ifindex, &host, &p->addr, RT_TABLE_LOCAL);
	rtmsg_of(m)->rtm_scope = RT_SCOPE_HOST;
	rtmsg_of(m)->rtm_type = RTN_LOCAL;
}

void nl_route_msg_del(struct nl_msg *m, uint32_t ifindex, const struct model_route *r,
		      uint8_t protocol)
{
	struct rtmsg *msg = put_route(m, RTM_DELROUTE, 0, ifindex, r, protocol);

	/* In IPv6, without a metric the lowest one is deleted. */
	if (r->to.addr.family == AF_INET6 && !r->metric)
		nl_put_u32(m, RTA_PRIORITY, MODEL_IPV6_METRIC);
	/* "Any": the scope of a route follows from its gateway. */
	msg->rtm_scope = RT_SCOPE_NOWHERE;
	put_via(m, r);
}
