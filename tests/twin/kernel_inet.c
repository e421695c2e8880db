/* RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE and RTM_DELRULE. */
#include "tests/twin/kernel_private.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void put_addr(struct nl_msg *m, uint16_t type, const struct ip_addr *a)
{
	nl_put(m, type, ip_addr_bytes(a), a->bytes);
}

static void put_addr_details(struct nl_msg *m, const struct twin_addr_request *q)
{
	struct ifa_cacheinfo life = {.ifa_valid = q->valid_s,
				     .ifa_prefered = q->preferred_s};

	if (q->has_no_dad)
		nl_put_u32(m, IFA_FLAGS, IFA_F_NODAD);
	if (q->sent & TWIN_ADDR_LIFETIME)
		nl_put(m, IFA_CACHEINFO, sizeof(life), &life);
	if (q->sent & TWIN_ADDR_METRIC)
		nl_put_u32(m, IFA_RT_PRIORITY, q->metric);
	if (q->sent & TWIN_ADDR_PROTOCOL)
		nl_put_u8(m, IFA_PROTO, q->protocol);
	if (q->label)
		nl_put_text(m, IFA_LABEL, q->label);
}

struct err *kernel_addr(const struct twin_request *r)
{
	const struct twin_addr_request *q = &r->u.addr;
	const struct ip_addr *local = &q->address.addr;
	bool is_new = r->kind == TWIN_ADDR_NEW;
	uint32_t ifindex = r->ifindex ? r->ifindex : kernel_ifindex(r->name);
	struct ifaddrmsg *head;
	struct nl_msg m;

	if (!ifindex)
		return kernel_err(ENODEV, NULL);
	head = nl_msg_init(&m, is_new ? RTM_NEWADDR : RTM_DELADDR, kernel_flags(r),
			   sizeof(*head));
	head->ifa_family = local->family;
	head->ifa_prefixlen = q->address.len;
	head->ifa_index = ifindex;
	if (q->sent & TWIN_ADDR_SCOPE)
		head->ifa_scope = q->scope;
	put_addr(&m, IFA_LOCAL, local);
	put_addr(&m, IFA_ADDRESS, q->peer.family ? &q->peer : local);
	if (is_new)
		put_addr_details(&m, q);
	return kernel_send(&m);
}

/* A gateway of the other family. */
static void put_via(struct nl_msg *m, const struct ip_addr *via)
{
	struct {
		uint16_t family;
		uint8_t bytes[sizeof(via->bytes)];
	} data = {.family = via->family};

	memcpy(data.bytes, via->bytes, sizeof(data.bytes));
	nl_put(m, RTA_VIA, sizeof(data.family) + ip_addr_bytes(via), &data);
}

static void put_route(struct nl_msg *m, const struct model_route *route)
{
	if (route->to.len)
		put_addr(m, RTA_DST, &route->to.addr);
	if (route->n_more)
		;
	else if (route->via.family == route->to.addr.family)
		put_addr(m, RTA_GATEWAY, &route->via);
	else if (route->via.family)
		put_via(m, &route->via);
	if (route->from.family)
		put_addr(m, RTA_PREFSRC, &route->from);
	if (route->metric)
		nl_put_u32(m, RTA_PRIORITY, route->metric);
	nl_put_u32(m, RTA_TABLE, route->table ? route->table : RT_TABLE_MAIN);
}

/* Into one RTA_MULTIPATH, whose payload is built by hand: libmnl has no rtnexthop. */
static void put_route_hops(struct nl_msg *m, const struct model_route *route,
			   uint32_t ifindex)
{
	char bytes[MODEL_ROUTE_HOPS_MAX * 32] = {0}, *at = bytes;

	for (size_t i = 0; i < model_route_n_hops(route); i++) {
		struct model_hop hop = model_route_hop(route, i);
		size_t n = ip_addr_bytes(&hop.via);
		struct rtnexthop nh = {.rtnh_len = (uint16_t)(RTNH_LENGTH(RTA_LENGTH(n))),
				       .rtnh_hops = (uint8_t)(hop.weight - 1),
				       .rtnh_flags = route->on_link ? RTNH_F_ONLINK : 0,
				       .rtnh_ifindex = (int)ifindex};
		struct rtattr via = {.rta_len = (uint16_t)RTA_LENGTH(n),
				     .rta_type = RTA_GATEWAY};

		memcpy(at, &nh, sizeof(nh));
		memcpy(at + sizeof(nh), &via, sizeof(via));
		memcpy(at + sizeof(nh) + sizeof(via), hop.via.bytes, n);
		at += nh.rtnh_len;
	}
	nl_put(m, RTA_MULTIPATH, (size_t)(at - bytes), bytes);
}

static void put_route_metrics(struct nl_msg *m, const struct model_route *route)
{
	struct nlattr *metrics;

	if (!route->mtu && !route->advmss)
		return;
	metrics = nl_nest(m, RTA_METRICS);
	if (route->mtu)
		nl_put_u32(m, RTAX_MTU, route->mtu);
	if (route->advmss)
		nl_put_u32(m, RTAX_ADVMSS, route->advmss);
	nl_nest_end(m, metrics);
}

struct err *kernel_route(const struct twin_request *r)
{
	const struct twin_route_request *q = &r->u.route;
	bool is_new = r->kind == TWIN_ROUTE_NEW;
	uint32_t ifindex = r->ifindex || !r->name ? r->ifindex : kernel_ifindex(r->name);
	struct rtmsg *head;
	struct nl_msg m;

	if (!ifindex && r->name)
		return kernel_err(ENODEV, NULL);
	head = nl_msg_init(&m, is_new ? RTM_NEWROUTE : RTM_DELROUTE, kernel_flags(r),
			   sizeof(*head));
	head->rtm_family = q->route.to.addr.family;
	head->rtm_dst_len = q->route.to.len;
	head->rtm_type = q->type || !is_new ? q->type : RTN_UNICAST;
	head->rtm_protocol = q->protocol;
	head->rtm_scope = q->scope;
	if (q->route.on_link && !q->route.n_more)
		head->rtm_flags = RTNH_F_ONLINK;
	put_route(&m, &q->route);
	if (is_new && q->route.n_more)
		put_route_hops(&m, &q->route, ifindex);
	else if (ifindex)
		nl_put_u32(&m, RTA_OIF, ifindex);
	put_route_metrics(&m, &q->route);
	return kernel_send(&m);
}

/* iproute2 ip/iprule.c iprule_modify(). */
struct err *kernel_rule(const struct twin_request *r)
{
	const struct twin_rule_request *q = &r->u.rule;
	bool is_new = r->kind == TWIN_RULE_NEW;
	struct fib_rule_hdr *head;
	struct nl_msg m;

	head = nl_msg_init(&m, is_new ? RTM_NEWRULE : RTM_DELRULE, kernel_flags(r),
			   sizeof(*head));
	head->family = q->rule.from.addr.family;
	head->src_len = q->rule.from.len;
	head->dst_len = q->rule.to.len;
	head->tos = q->rule.tos;
	head->action = is_new ? FR_ACT_TO_TBL : FR_ACT_UNSPEC;
	if (q->rule.from.len)
		put_addr(&m, FRA_SRC, &q->rule.from.addr);
	if (q->rule.to.len)
		put_addr(&m, FRA_DST, &q->rule.to.addr);
	if (q->has_priority)
		nl_put_u32(&m, FRA_PRIORITY, q->rule.priority);
	if (q->rule.mark)
		nl_put_u32(&m, FRA_FWMARK, q->rule.mark);
	if (q->rule.table)
		nl_put_u32(&m, FRA_TABLE, q->rule.table);
	if (q->protocol)
		nl_put_u8(&m, FRA_PROTOCOL, q->protocol);
	return kernel_send(&m);
}
