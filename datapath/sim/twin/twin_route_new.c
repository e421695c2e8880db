/* Routes of programs: what is refused, what replaces what, what a deletion names. The
 * gateways of one route are all on one device. */
#include "datapath/sim/twin/twin_route_new.h"

#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* The answer of the kernel's route lookup for a gateway: the longest prefix of 'table'
 * (0: any but the local one) that is on-link through the device, in IPv4 at least as near
 * as 'scope'. */
static const struct twin_route *look_up(const struct twin_link *l,
					const struct ip_addr *via, uint32_t table,
					uint8_t scope)
{
	const struct twin_route *best = NULL;

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];

		if (r->link != l || r->route.via.family || r->route.table != table ||
		    !ip_prefix_contains(&r->route.to, via) ||
		    (via->family == AF_INET && r->scope < scope))
			continue;
		if (!best || r->route.to.len > best->route.to.len)
			best = r;
	}
	return best;
}

/* The table of the route first, then what every packet uses. A gateway is nearer than
 * what it leads to. */
static const struct twin_route *find_way(const struct twin_link *l,
					 const struct model_route *route, uint8_t scope)
{
	const struct twin_route *r = NULL;
	uint8_t near = scope < TWIN_SCOPE_LINK ? TWIN_SCOPE_LINK : (uint8_t)(scope + 1);

	if (route->table != MODEL_ROUTE_TABLE_MAIN)
		r = look_up(l, &route->via, route->table, near);
	if (!r)
		r = look_up(l, &route->via, TWIN_TABLE_LOCAL, near);
	return r ? r : look_up(l, &route->via, MODEL_ROUTE_TABLE_MAIN, near);
}

/* The last address of a subnet of the device (Linux RTN_BROADCAST). */
static bool is_broadcast(const struct twin_link *l, const struct ip_addr *addr)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		struct ip_prefix net = twin_route_subnet(&l->addresses[i]);

		if (net.addr.family != AF_INET || net.len >= 31 ||
		    !ip_prefix_contains(&net, addr))
			continue;
		for (unsigned int bit = net.len; bit < 32; bit++)
			net.addr.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		if (!ip_addr_cmp(&net.addr, addr))
			return true;
	}
	return false;
}

/* Linux fib_check_nh(). */
static struct err *check_ipv4_gateway(const struct twin_link *l,
				      const struct model_route *r, uint8_t scope)
{
	static const char invalid[] = "Nexthop has invalid gateway";
	const struct twin_route *way;

	if (r->on_link) {
		if (scope >= TWIN_SCOPE_LINK)
			return twin_kernel_err(EINVAL, "Nexthop has invalid scope");
		if (!l->is_up)
			return twin_kernel_err(ENETDOWN, "Nexthop device is not up");
		return !l->ns->has_local_table || twin_route_is_local(l->ns, &r->via) ||
				       is_broadcast(l, &r->via)
			       ? twin_kernel_err(EINVAL, invalid)
			       : NULL;
	}
	way = find_way(l, r, scope);
	if (!way)
		return twin_kernel_err(ENETUNREACH, invalid);
	if (!l->is_up)
		return twin_kernel_err(ENETDOWN, NULL);
	return is_broadcast(l, &r->via) ? twin_kernel_err(EINVAL, invalid) : NULL;
}

/* A link-local address is looked for on the device alone. */
static bool is_own(const struct twin_link *l, const struct ip_addr *addr)
{
	const struct twin_link *other, *next;
	bool is_link_local = ip_addr_is_link_local(addr);

	HASH_ITER (hh, l->ns->links, other, next) {
		for (size_t i = 0; i < other->n_addresses; i++) {
			if (!ip_addr_cmp(&other->addresses[i].prefix.addr, addr) &&
			    (!is_link_local || other == l))
				return true;
		}
	}
	return false;
}

/* Linux ip6_validate_gw(). */
static struct err *check_ipv6_gateway(const struct twin_link *l,
				      const struct model_route *r)
{
	const struct twin_route *way;

	if (is_own(l, &r->via))
		return twin_kernel_err(EINVAL, "Gateway can not be a local address");
	if (ip_addr_is_link_local(&r->via))
		return NULL;
	if (ip_addr_is_multicast(&r->via) || ip_addr_is_unspecified(&r->via))
		return twin_kernel_err(EINVAL, "Invalid gateway address");
	if (r->on_link)
		return NULL;
	way = find_way(l, r, 0);
	return way && way->type == TWIN_ROUTE_UNICAST
		       ? NULL
		       : twin_kernel_err(EHOSTUNREACH, NULL);
}

/* The same with one of its gateways alone. */
static struct model_route by_hop(const struct model_route *r, size_t i)
{
	struct model_route one = *r;
	struct model_hop hop = model_route_hop(r, i);

	model_route_set_hops(&one, &hop, 1);
	return one;
}

/* Linux fib6_nh_init(). */
static struct err *check_ipv6_hop(const struct twin_link *l, const struct model_route *r)
{
	struct err *e = NULL;

	if (!l->has_ipv6)
		return twin_kernel_err(ENODEV, NULL);
	if (r->on_link && !l->is_up)
		return twin_kernel_err(ENETDOWN, "Nexthop device is not up");
	if (r->via.family)
		e = check_ipv6_gateway(l, r);
	if (!e && strcmp(twin_sysctl_get(l->ns, l, "ipv6.disable_ipv6"), "0") != 0)
		e = twin_kernel_err(EACCES, "IPv6 is disabled on nexthop device");
	if (!e && !l->is_up)
		e = twin_kernel_err(ENETDOWN, "Nexthop device is not up");
	if (!e && r->from.family && !is_own(l, &r->from))
		e = twin_kernel_err(EINVAL, "Invalid source address");
	return e;
}

/* Linux ip6_route_multipath_add(). */
static struct err *check_ipv6(const struct twin_link *l, const struct model_route *r)
{
	struct err *e = NULL;

	if (!r->via.family)
		return check_ipv6_hop(l, r);
	for (size_t i = 0; !e && i < model_route_n_hops(r); i++) {
		struct model_route one = by_hop(r, i);

		e = check_ipv6_hop(l, &one);
	}
	return e;
}

/* Linux fib_valid_prefsrc(): an entry of the local table may be its own source. */
static bool is_source(const struct twin_netns *s, const struct model_route *r)
{
	return (r->table == TWIN_TABLE_LOCAL && !ip_addr_cmp(&r->from, &r->to.addr)) ||
	       twin_route_is_local(s, &r->from);
}

/* Linux fib_check_nh(). */
static struct err *check_ipv4_hop(const struct twin_link *l, const struct model_route *r,
				  uint8_t scope)
{
	if (r->via.family == AF_INET)
		return check_ipv4_gateway(l, r, scope);
	if (r->via.family)
		return check_ipv6(l, &(struct model_route){.to = {.addr = r->via},
							   .via = r->via,
							   .table = r->table,
							   .on_link = r->on_link});
	return l->is_up ? NULL
			: twin_kernel_err(ENETDOWN, "Device for nexthop is not up");
}

/* Linux fib_create_info(). */
static struct err *check_ipv4(const struct twin_link *l, const struct twin_route *new)
{
	const struct model_route *r = &new->route;
	struct err *e = NULL;

	if (new->scope > TWIN_SCOPE_HOST)
		return twin_kernel_err(EINVAL, "Invalid scope");
	if (new->scope == TWIN_SCOPE_HOST && r->n_more)
		return twin_kernel_err(
			EINVAL, "Route with host scope can not have multiple nexthops");
	for (size_t i = 0; !e && new->scope < TWIN_SCOPE_HOST &&i < r->n_more + 1U; i++) {
		struct model_route one = r->via.family ? by_hop(r, i) : *r;

		e = check_ipv4_hop(l, &one, new->scope);
	}
	if (new->scope == TWIN_SCOPE_HOST && r->via.family)
		e = twin_kernel_err(EINVAL,
				    "Route with host scope can not have a gateway");
	if (!e && r->from.family && !is_source(l->ns, r))
		e = twin_kernel_err(EINVAL, "Invalid prefsrc address");
	return e;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static struct twin_route route_of(const struct twin_route_request *request,
				  struct twin_link *l)
{
	struct twin_route r = {.route = request->route,
			       .link = l,
			       .protocol = request->protocol,
			       .type = request->type ? request->type : TWIN_ROUTE_UNICAST,
			       .scope = request->scope};

	/* Linux ip_metrics_convert(). */
	r.route.mtu = at_most(r.route.mtu, MODEL_ROUTE_MTU_MAX);
	r.route.advmss = at_most(r.route.advmss, MODEL_ROUTE_ADVMSS_MAX);
	r.route.scope = twin_route_model_scope(&r);
	return r;
}

/* Linux fib_find_info(): equal in everything but its place. */
static bool is_same(const struct twin_route *a, const struct twin_route *b)
{
	if (a->link != b->link || a->type != b->type ||
	    !model_route_equals(&a->route, &b->route))
		return false;
	return a->route.to.addr.family == AF_INET6 ||
	       (a->protocol == b->protocol && a->scope == b->scope);
}

static struct twin_route *find_exact(struct twin_netns *s, const struct twin_route *key)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		if (is_same(&s->routes[i], key))
			return &s->routes[i];
	}
	return NULL;
}

/* Of IPv6, a route through a gateway becomes one with the others of its key (Linux
 * rt6_qualify_for_ecmp()). NULL: there are none, or they are by another device. */
static struct twin_route *find_siblings(struct twin_netns *s, const struct twin_route *r)
{
	if (r->route.to.addr.family != AF_INET6 || !r->route.via.family)
		return NULL;
	for (size_t i = 0; i < s->n_routes; i++) {
		struct twin_route *other = &s->routes[i];

		if (other->link == r->link && other->route.via.family &&
		    !model_route_key_cmp(&other->route, &r->route))
			return other;
	}
	return NULL;
}

static bool has_hop(const struct model_route *r, const struct ip_addr *via)
{
	for (size_t i = 0; i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);

		if (!ip_addr_cmp(&hop.via, via))
			return true;
	}
	return false;
}

/* The route with the gateways of both. False if it has one of them, or too many. */
static bool join(struct model_route *r, const struct model_route *other)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX];
	size_t n = model_route_n_hops(r), n_other = model_route_n_hops(other);

	if (n + n_other > MODEL_ROUTE_HOPS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		hops[i] = model_route_hop(r, i);
	for (size_t i = 0; i < n_other; i++) {
		hops[n + i] = model_route_hop(other, i);
		if (has_hop(r, &hops[n + i].via))
			return false;
	}
	model_route_set_hops(r, hops, n + n_other);
	return true;
}

/* Linux fib_table_insert(), fib6_add_rt2node(). 'first' is the first of the same key. */
static struct err *merge(struct twin_world *w, struct twin_netns *s,
			 struct twin_route *first, const struct twin_route *r,
			 unsigned int flags)
{
	struct twin_route *exact = find_exact(s, r), *siblings = find_siblings(s, r);
	bool is_ipv6 = r->route.to.addr.family == AF_INET6;

	if (flags & TWIN_EXCL)
		return twin_kernel_err(EEXIST, NULL);
	if (flags & TWIN_REPLACE) {
		struct twin_route old = *first;

		if (!is_ipv6 && exact)
			return exact == first ? NULL : twin_kernel_err(EEXIST, NULL);
		*first = *r;
		if (is_ipv6 && first->route.metric == MODEL_IPV6_METRIC)
			first->route.metric = 0;
		twin_event_route(w, s, r, false, &old);
		return NULL;
	}
	if (exact)
		return twin_kernel_err(EEXIST, NULL);
	if (siblings) {
		if (!join(&siblings->route, &r->route))
			return twin_kernel_err(EEXIST, NULL);
		twin_event_route(w, s, siblings, false, NULL);
		return NULL;
	}
	twin_route_put(s, r, is_ipv6 || flags & TWIN_APPEND);
	twin_event_route(w, s, r, false, NULL);
	return NULL;
}

static struct err *insert(struct twin_world *w, struct twin_netns *s,
			  const struct twin_route *r, unsigned int flags)
{
	struct twin_route *first = twin_route_find(s, &r->route);

	if (first)
		return merge(w, s, first, r, flags);
	if (!(flags & TWIN_CREATE))
		return twin_kernel_err(ENOENT,
				       r->route.to.addr.family == AF_INET6
					       ? "Can not replace route - no match found"
					       : NULL);
	twin_route_put(s, r, true);
	twin_event_route(w, s, r, false, NULL);
	return NULL;
}

struct err *twin_route_add(struct twin_world *w, struct twin_netns *s,
			   struct twin_link *l, const struct twin_route_request *request,
			   unsigned int flags)
{
	struct twin_route r = route_of(request, l);
	struct err *e;

	if (r.type >= TWIN_ROUTE_BLACKHOLE) {
		r.link = twin_link_find(s, "lo");
		model_route_set_hops(&r.route, NULL, 0);
		return insert(w, s, &r, flags);
	}
	if (!l)
		return twin_kernel_err(ENODEV, NULL);
	e = r.route.to.addr.family == AF_INET ? check_ipv4(l, &r)
					      : check_ipv6(l, &r.route);
	return e ? e : insert(w, s, &r, flags);
}

/* In IPv4 the first gateway of several is compared, in IPv6 each (Linux fib_nh_match(),
 * ip6_route_del()). */
static bool has_gateways(const struct model_route *have, const struct model_route *want)
{
	if (!want->via.family)
		return true;
	return want->to.addr.family == AF_INET6 ? has_hop(have, &want->via)
						: !ip_addr_cmp(&have->via, &want->via);
}

/* Linux fib_metrics_match(): equal to those given, which were not capped. */
static bool has_metrics(const struct model_route *have,
			const struct twin_route_request *request)
{
	const struct model_route *want = &request->route;

	return (!want->mtu || have->mtu == want->mtu) &&
	       (!want->advmss || have->advmss == want->advmss);
}

/* What is not given fits all (Linux fib_nh_match(), ip6_route_del()). */
static bool is_named(const struct twin_route *r, const struct twin_route *key,
		     const struct twin_route_request *request)
{
	const struct model_route *have = &r->route, *want = &key->route;

	if (have->table != want->table || ip_prefix_cmp(&have->to, &want->to) ||
	    (key->protocol && r->protocol != key->protocol) || !has_gateways(have, want))
		return false;
	if (want->metric && model_route_key_cmp(have, want))
		return false;
	return want->to.addr.family == AF_INET6 ||
	       (has_metrics(have, request) && (!key->type || r->type == key->type) &&
		(key->scope == TWIN_SCOPE_NOWHERE || r->scope == key->scope) &&
		(!want->from.family || !ip_addr_cmp(&have->from, &want->from)));
}

/* 'gone' is the route of this gateway alone, which 'left' loses. */
static void leave_hop(struct model_route *left, struct model_route *gone,
		      const struct ip_addr *via)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX], last = {.via = *via, .weight = 1};
	size_t n = 0;

	for (size_t i = 0; i < model_route_n_hops(left); i++) {
		struct model_hop hop = model_route_hop(left, i);

		if (ip_addr_cmp(&hop.via, via))
			hops[n++] = hop;
		else
			last = hop;
	}
	model_route_set_hops(left, hops, n);
	model_route_set_hops(gone, &last, 1);
}

struct err *twin_route_del(struct twin_world *w, struct twin_netns *s,
			   const struct twin_link *l,
			   const struct twin_route_request *request)
{
	struct twin_route key = route_of(request, NULL), gone;
	struct twin_route *found = NULL;

	key.type = request->type;
	/* A deletion names one gateway, or none. */
	if (key.route.n_more)
		model_route_set_hops(&key.route, NULL, 0);
	for (size_t i = 0; i < s->n_routes; i++) {
		struct twin_route *r = &s->routes[i];

		if ((!l || r->link == l) && is_named(r, &key, request) &&
		    (!found || model_route_key_cmp(&r->route, &found->route) < 0))
			found = r;
	}
	if (!found)
		return twin_kernel_err(ESRCH, NULL);
	gone = *found;
	if (key.route.via.family && key.route.to.addr.family == AF_INET6 &&
	    found->route.n_more)
		leave_hop(&found->route, &gone.route, &key.route.via);
	else
		twin_route_remove(s, found);
	twin_event_route(w, s, &gone, true, NULL);
	return NULL;
}
