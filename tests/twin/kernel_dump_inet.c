/* Addresses and routes of one namespace, as lines of their devices, and its rules. */
#include "tests/twin/kernel_dump.h"

#include "lib/alloc.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct ip_addr addr_of(uint8_t family, const struct nlattr *attr)
{
	struct ip_addr a = {.family = family};

	memcpy(a.bytes, mnl_attr_get_payload(attr), ip_addr_bytes(&a));
	return a;
}

static void take_addr_attr(struct dump_address *a, uint8_t family,
			   const struct nlattr *attr)
{
	struct ifa_cacheinfo life;

	switch (mnl_attr_get_type(attr)) {
	case IFA_LOCAL:
		a->prefix.addr = addr_of(family, attr);
		break;
	case IFA_ADDRESS:
		a->peer = addr_of(family, attr);
		break;
	case IFA_FLAGS:
		a->flags = mnl_attr_get_u32(attr);
		break;
	case IFA_LABEL:
		memcpy(a->label, mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
		break;
	case IFA_RT_PRIORITY:
		a->metric = mnl_attr_get_u32(attr);
		break;
	case IFA_PROTO:
		a->protocol = mnl_attr_get_u8(attr);
		break;
	case IFA_CACHEINFO:
		memcpy(&life, mnl_attr_get_payload(attr), sizeof(life));
		a->is_limited =
			life.ifa_valid != UINT32_MAX || life.ifa_prefered != UINT32_MAX;
		break;
	default:
		break;
	}
}

static void take_addr(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr;
	struct dump_netns *ns = aux;
	struct dump_address *a;

	(void)number;
	ns->addresses = arena_grow(ns->a, ns->addresses, ns->n_addresses,
				   &ns->addresses_cap, sizeof(*ns->addresses));
	a = &ns->addresses[ns->n_addresses++];
	*a = (struct dump_address){.ifindex = head->ifa_index,
				   .scope = head->ifa_scope,
				   .prefix.len = head->ifa_prefixlen};
	nl_attr_for_each (attr, h, sizeof(*head))
		take_addr_attr(a, head->ifa_family, attr);
	/* IPv6 sends IFA_LOCAL only if there is a peer. */
	if (!a->prefix.addr.family)
		a->prefix.addr = a->peer;
}

static void take_route_metrics(struct model_route *r, const struct nlattr *metrics)
{
	const struct nlattr *attr;

	nl_attr_for_each_nested (attr, metrics) {
		if (mnl_attr_get_type(attr) == RTAX_MTU)
			r->mtu = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == RTAX_ADVMSS)
			r->advmss = mnl_attr_get_u32(attr);
	}
}

/* What `ip route` shows of it: not the one that follows from the gateway. */
static enum model_route_scope scope_of(const struct rtmsg *head,
				       const struct model_route *r)
{
	bool is_global = head->rtm_scope == RT_SCOPE_UNIVERSE;

	if (head->rtm_family != AF_INET || head->rtm_type != RTN_UNICAST ||
	    head->rtm_scope == (r->via.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK))
		return MODEL_SCOPE_DERIVED;
	return is_global                          ? MODEL_SCOPE_GLOBAL
	       : head->rtm_scope == RT_SCOPE_LINK ? MODEL_SCOPE_LINK
	       : head->rtm_scope == RT_SCOPE_HOST ? MODEL_SCOPE_HOST
						  : MODEL_SCOPE_OTHER;
}

/* All by one device, or by none. */
static void take_hops(struct dump_route *t, uint8_t family,
		      const struct nlattr *multipath)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX] = {0};
	const char *at = mnl_attr_get_payload(multipath);
	const char *end = at + mnl_attr_get_payload_len(multipath);
	size_t n = 0;

	for (; at < end && n < ARRAY_SIZE(hops); n++) {
		const struct rtnexthop *nh = (const struct rtnexthop *)at;
		const struct nlattr *via = (const struct nlattr *)(nh + 1);

		t->ifindex = !n || t->ifindex == (uint32_t)nh->rtnh_ifindex
				     ? (uint32_t)nh->rtnh_ifindex
				     : 0;
		t->route.on_link |= nh->rtnh_flags & RTNH_F_ONLINK;
		hops[n].weight = (uint16_t)(nh->rtnh_hops + 1);
		if ((const char *)via < at + nh->rtnh_len &&
		    mnl_attr_get_type(via) == RTA_GATEWAY)
			hops[n].via = addr_of(family, via);
		at += RTNH_ALIGN(nh->rtnh_len);
	}
	model_route_set_hops(&t->route, hops, n);
}

static void take_route_attr(struct dump_route *t, uint8_t family,
			    const struct nlattr *attr)
{
	struct model_route *r = &t->route;

	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		r->to.addr = addr_of(family, attr);
		break;
	case RTA_GATEWAY:
		r->via = addr_of(family, attr);
		break;
	case RTA_VIA:
		r->via.family = AF_INET6;
		memcpy(r->via.bytes, (char *)mnl_attr_get_payload(attr) + 2, 16);
		break;
	case RTA_PREFSRC:
		r->from = addr_of(family, attr);
		break;
	case RTA_OIF:
		t->ifindex = mnl_attr_get_u32(attr);
		break;
	case RTA_PRIORITY:
		r->metric = mnl_attr_get_u32(attr);
		break;
	case RTA_MULTIPATH:
		take_hops(t, family, attr);
		break;
	case RTA_METRICS:
		take_route_metrics(r, attr);
		break;
	case RTA_TABLE:
		r->table = mnl_attr_get_u32(attr);
		break;
	default:
		break;
	}
}

static void take_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr;
	struct dump_netns *ns = aux;
	struct dump_route *t;

	(void)number;
	if (head->rtm_flags & RTM_F_CLONED)
		return;
	ns->routes = arena_grow(ns->a, ns->routes, ns->n_routes, &ns->routes_cap,
				sizeof(*ns->routes));
	t = &ns->routes[ns->n_routes++];
	*t = (struct dump_route){.protocol = head->rtm_protocol,
				 .type = head->rtm_type,
				 .route = {.on_link = head->rtm_flags & RTNH_F_ONLINK,
					   .to = {.addr.family = head->rtm_family,
						  .len = head->rtm_dst_len}}};
	nl_attr_for_each (attr, h, sizeof(*head))
		take_route_attr(t, head->rtm_family, attr);
	t->route.scope = scope_of(head, &t->route);
	if (head->rtm_family == AF_INET6 && t->route.metric == MODEL_IPV6_METRIC)
		t->route.metric = 0;
}

static void take_rule_attr(struct dump_rule *t, uint8_t family, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_SRC:
		t->rule.from.addr = addr_of(family, attr);
		break;
	case FRA_DST:
		t->rule.to.addr = addr_of(family, attr);
		break;
	case FRA_PRIORITY:
		t->rule.priority = mnl_attr_get_u32(attr);
		break;
	case FRA_FWMARK:
		t->rule.mark = mnl_attr_get_u32(attr);
		break;
	case FRA_TABLE:
		t->rule.table = mnl_attr_get_u32(attr);
		break;
	case FRA_PROTOCOL:
		t->protocol = mnl_attr_get_u8(attr);
		break;
	default:
		break;
	}
}

static void take_rule(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr;
	struct dump_netns *ns = aux;
	struct dump_rule *t;

	(void)number;
	if (head->family != AF_INET && head->family != AF_INET6)
		return;
	ns->rules = arena_grow(ns->a, ns->rules, ns->n_rules, &ns->rules_cap,
			       sizeof(*ns->rules));
	t = &ns->rules[ns->n_rules++];
	*t = (struct dump_rule){
		.rule = {.from = {.addr.family = head->family, .len = head->src_len},
			 .to = {.addr.family = head->family, .len = head->dst_len},
			 .tos = head->tos}};
	nl_attr_for_each (attr, h, sizeof(*head))
		take_rule_attr(t, head->family, attr);
}

static void forget_rules(void *aux)
{
	((struct dump_netns *)aux)->n_rules = 0;
}

static void forget_addresses(void *aux)
{
	((struct dump_netns *)aux)->n_addresses = 0;
}

static void forget_routes(void *aux)
{
	((struct dump_netns *)aux)->n_routes = 0;
}

/* What is there of the routes that the kernel adds with an address. Of two routes to a
 * subnet the kernel uses the first one of the dump. */
static void match(struct dump_address *a, const struct dump_route *t)
{
	const struct model_route *r = &t->route;
	struct ip_prefix net = ip_prefix_network(&a->prefix);

	if (t->ifindex != a->ifindex)
		return;
	if (r->table == RT_TABLE_LOCAL && t->type == RTN_LOCAL &&
	    !ip_addr_cmp(&r->to.addr, &a->prefix.addr))
		a->has_local = true;
	if (r->table != RT_TABLE_MAIN || t->type != RTN_UNICAST ||
	    ip_prefix_cmp(&r->to, &net))
		return;
	if (!r->via.family)
		a->has_subnet = true;
	else if (net.addr.family == AF_INET && !r->metric && !a->has_subnet)
		a->has_detour = true;
}

void dump_read_inet(struct dump_netns *ns)
{
	struct nl_msg m;

	nl_msg_init(&m, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	kernel_read(&m, forget_addresses, take_addr, ns);
	nl_msg_init(&m, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	kernel_read(&m, forget_routes, take_route, ns);
	nl_msg_init(&m, RTM_GETRULE, NLM_F_DUMP, sizeof(struct fib_rule_hdr));
	kernel_read(&m, forget_rules, take_rule, ns);
	for (size_t i = 0; i < ns->n_addresses; i++) {
		for (size_t k = 0; k < ns->n_routes; k++)
			match(&ns->addresses[i], &ns->routes[k]);
	}
}

/* -------------------------------------------------------------- addresses */

static bool is_ipv4(const struct dump_address *a)
{
	return a->prefix.addr.family == AF_INET;
}

static bool has_peer(const struct dump_address *a)
{
	return ip_addr_cmp(&a->peer, &a->prefix.addr) != 0;
}

static bool is_secondary(const struct dump_address *a)
{
	return is_ipv4(a) && a->flags & IFA_F_SECONDARY;
}

static void put_missing(struct dump *dump, const struct dump_address *a)
{
	if (!a->has_subnet && !a->has_detour && !has_peer(a) && !is_secondary(a) &&
	    !(is_ipv4(a) && a->prefix.len == 32))
		dump_put(dump, " no-subnet");
	if (a->has_detour)
		dump_put(dump, " detour");
	if (!a->has_local)
		dump_put(dump, " no-local");
}

static const char *scope_text(uint8_t scope, char buf[8])
{
	if (scope == RT_SCOPE_LINK || scope == RT_SCOPE_HOST)
		return scope == RT_SCOPE_LINK ? "link" : "host";
	snprintf(buf, 8, "%u", scope);
	return buf;
}

static void put_address(struct dump *dump, const struct dump_device *d,
			const struct dump_address *a)
{
	char buf[IP_TEXT_BYTES], number[8];

	dump_put(dump, "    %s", ip_prefix_format(&a->prefix, buf));
	if (has_peer(a))
		dump_put(dump, " peer %s", ip_addr_format(&a->peer, buf));
	if (is_ipv4(a) && a->scope)
		dump_put(dump, " scope %s", scope_text(a->scope, number));
	if (a->metric && (is_ipv4(a) || a->metric != 256))
		dump_put(dump, " metric %u", a->metric);
	if (a->protocol > IFAPROT_KERNEL_LL)
		dump_put(dump, " proto %u", a->protocol);
	if (is_ipv4(a) && strcmp(a->label, d->name) != 0)
		dump_put(dump, " label %s", a->label);
	if (is_secondary(a))
		dump_put(dump, " secondary");
	/* The kernel shows no lifetime of an IPv4 address that is valid forever. */
	if (a->is_limited || a->flags & IFA_F_DEPRECATED)
		dump_put(dump, " expires");
	if (a->flags & IFA_F_DADFAILED)
		dump_put(dump, " duplicate");
	if (d->flags & IFF_UP && !d->controller)
		put_missing(dump, a);
	dump_put(dump, "\n");
}

static int address_cmp(const void *x, const void *y)
{
	const struct dump_address *a = x, *b = y;
	int cmp = ip_prefix_cmp(&a->prefix, &b->prefix);

	if (!cmp)
		cmp = has_peer(a) - has_peer(b);
	return cmp ? cmp : ip_addr_cmp(&a->peer, &b->peer);
}

static const struct dump_address *sorted_addresses(const struct dump_netns *ns)
{
	struct dump_address *sorted =
		arena_memdup(ns->a, ns->addresses, ns->n_addresses * sizeof(*sorted));

	if (ns->n_addresses)
		qsort(sorted, ns->n_addresses, sizeof(*sorted), address_cmp);
	return sorted;
}

void dump_put_addresses(struct dump *dump, const struct dump_netns *ns,
			const struct dump_device *d)
{
	const struct dump_address *sorted = sorted_addresses(ns);

	for (size_t i = 0; i < ns->n_addresses; i++) {
		/* Those of the kernel itself are link-local, or advertised. */
		if (sorted[i].ifindex == d->ifindex &&
		    (!sorted[i].protocol || sorted[i].protocol > IFAPROT_KERNEL_LL))
			put_address(dump, d, &sorted[i]);
	}
}

void dump_put_advertised(struct dump *dump, const struct dump_netns *ns,
			 const struct dump_device *d)
{
	const struct dump_address *sorted = sorted_addresses(ns);
	bool has_default = false;

	for (size_t i = 0; i < ns->n_addresses; i++) {
		struct ip_prefix net = ip_prefix_network(&sorted[i].prefix);
		char buf[IP_TEXT_BYTES];

		if (sorted[i].ifindex == d->ifindex &&
		    sorted[i].protocol == IFAPROT_KERNEL_RA)
			dump_put(dump, "    advertised %s\n",
				 ip_prefix_format(&net, buf));
	}
	for (size_t i = 0; i < ns->n_routes; i++)
		has_default |= ns->routes[i].ifindex == d->ifindex &&
			       ns->routes[i].protocol == RTPROT_RA &&
			       !ns->routes[i].route.to.len;
	if (has_default)
		dump_put(dump, "    advertised default\n");
}

/* ----------------------------------------------------------------- routes */

static const char *type_text(uint8_t type)
{
	static const char *const names[] = {
		[RTN_UNICAST] = "",
		[RTN_LOCAL] = "local ",
		[RTN_BROADCAST] = "broadcast ",
		[RTN_ANYCAST] = "anycast ",
		[RTN_MULTICAST] = "multicast ",
		[RTN_BLACKHOLE] = "blackhole ",
		[RTN_UNREACHABLE] = "unreachable ",
		[RTN_PROHIBIT] = "prohibit ",
		[RTN_THROW] = "throw ",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "? ";
}

static int route_cmp(const void *x, const void *y)
{
	const struct dump_route *a = x, *b = y;
	int cmp = model_route_key_cmp(&a->route, &b->route);

	return cmp ? cmp : strcmp(a->text, b->text);
}

static bool is_of(const struct dump_netns *ns, const struct dump_route *t,
		  const struct dump_device *d)
{
	const struct dump_device *on = dump_find(ns, t->ifindex);

	return d ? on == d : !on || !strcmp(on->name, "lo");
}

static bool is_automatic(const struct dump_route *t)
{
	return t->protocol == RTPROT_KERNEL || t->protocol == RTPROT_RA ||
	       t->protocol == RTPROT_REDIRECT || t->route.table == RT_TABLE_LOCAL;
}

void dump_put_routes(struct dump *dump, const struct dump_netns *ns,
		     const struct dump_device *d)
{
	struct dump_route *shown = arena_array(ns->a, ns->n_routes + 1, sizeof(*shown));
	size_t n = 0;

	for (size_t i = 0; i < ns->n_routes; i++) {
		if (is_of(ns, &ns->routes[i], d) && !is_automatic(&ns->routes[i])) {
			shown[n] = ns->routes[i];
			shown[n].text = model_route_text(ns->a, &shown[n].route);
			n++;
		}
	}
	qsort(shown, n, sizeof(*shown), route_cmp);
	for (size_t i = 0; i < n; i++)
		dump_put(dump, "%sroute %s%s proto %u\n", d ? "    " : "  ",
			 type_text(shown[i].type), shown[i].text, shown[i].protocol);
}

static int rule_cmp(const void *x, const void *y)
{
	const struct dump_rule *a = x, *b = y;
	int c = model_rule_cmp(&a->rule, &b->rule);

	return c ? c : a->protocol - b->protocol;
}

void dump_put_rules(struct dump *dump, const struct dump_netns *ns)
{
	if (ns->n_rules)
		qsort(ns->rules, ns->n_rules, sizeof(*ns->rules), rule_cmp);
	for (size_t i = 0; i < ns->n_rules; i++) {
		const struct dump_rule *t = &ns->rules[i];

		if (t->protocol != RTPROT_KERNEL)
			dump_put(dump, "  rule %s proto %u\n",
				 model_rule_text(ns->a, &t->rule), t->protocol);
	}
}
