/* The tables of routes of the simulated kernel, and the routes that the kernel makes for
 * an address. The conditions for the routes of programs are in twin_route_new.c. */
#include "datapath/sim/twin/twin_route.h"

#include "lib/alloc.h"

#include <string.h>
#include <sys/socket.h>

bool twin_route_is_ours(const struct twin_world *w, const struct twin_route *r)
{
	return r->protocol == w->config.route_protocol && r->type == TWIN_ROUTE_UNICAST;
}

static bool is_reject(uint8_t type)
{
	return type >= TWIN_ROUTE_BLACKHOLE;
}

bool twin_route_is_our_reject(const struct twin_world *w, const struct twin_route *r)
{
	return r->protocol == w->config.route_protocol && is_reject(r->type);
}

struct model_route twin_route_model(const struct model_route *route, uint8_t type)
{
	struct model_route r = *route;

	r.type = is_reject(type) ? (enum model_route_type)type : MODEL_ROUTE_UNICAST;
	return r;
}

bool twin_route_is_automatic(const struct twin_route *r)
{
	return r->protocol == TWIN_PROTO_KERNEL || r->protocol == TWIN_PROTO_RA ||
	       r->protocol == TWIN_PROTO_REDIRECT;
}

bool twin_route_is_in_local(const struct twin_route *r)
{
	return r->route.table == TWIN_TABLE_LOCAL || r->type == TWIN_ROUTE_LOCAL;
}

/* That of its VRF, or 'table'. */
static uint32_t table_of(const struct twin_link *l, uint32_t table)
{
	return twin_link_is_vrf(l->controller) ? l->controller->vrf_table : table;
}

bool twin_route_is_visible(const struct twin_route *r)
{
	return !twin_route_is_in_local(r) &&
	       (r->type == TWIN_ROUTE_UNICAST || r->type >= TWIN_ROUTE_BLACKHOLE);
}

bool twin_route_is_asked_for(const struct twin_route *r, const struct model_route *asked,
			     size_t n_asked)
{
	for (size_t i = 0; i < n_asked; i++) {
		if (!model_route_key_cmp(&r->route, &asked[i]))
			return true;
	}
	return false;
}

struct twin_route *twin_route_find(const struct twin_netns *s,
				   const struct model_route *key)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		if (!model_route_key_cmp(&s->routes[i].route, key))
			return &s->routes[i];
	}
	return NULL;
}

void twin_route_put(struct twin_netns *s, const struct twin_route *r, bool is_last)
{
	struct twin_route *first = twin_route_find(s, &r->route);
	size_t at = first && !is_last ? (size_t)(first - s->routes) : s->n_routes;

	s->routes = xgrow(s->routes, s->n_routes, &s->routes_cap, sizeof(*s->routes));
	memmove(&s->routes[at + 1], &s->routes[at],
		(s->n_routes - at) * sizeof(*s->routes));
	s->routes[at] = *r;
	s->has_local_table |=
		r->route.table == TWIN_TABLE_LOCAL && r->route.to.addr.family == AF_INET;
	/* The model has 0 for the kernel's metric. */
	if (r->route.to.addr.family == AF_INET6 && r->route.metric == MODEL_IPV6_METRIC)
		s->routes[at].route.metric = 0;
	s->n_routes++;
}

void twin_route_remove(struct twin_netns *s, struct twin_route *r)
{
	size_t at = (size_t)(r - s->routes);

	s->n_routes--;
	memmove(r, r + 1, (s->n_routes - at) * sizeof(*r));
}

void twin_route_drop(struct twin_netns *s,
		     bool (*is_dropped)(const struct twin_route *r, const void *aux),
		     const void *aux)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		if (!is_dropped(&s->routes[i], aux))
			s->routes[kept++] = s->routes[i];
	}
	s->n_routes = kept;
}

struct dropped {
	const struct twin_link *link;
	int family;
};

static bool is_of_link(const struct twin_route *r, const void *aux)
{
	const struct dropped *d = aux;

	/* IPv6 keeps those without a device on lo, IPv4 on none. */
	if (is_reject(r->type) && r->route.to.addr.family == AF_INET)
		return false;
	return r->link == d->link && (!d->family || r->route.to.addr.family == d->family);
}

/* Linux fib_sync_down_dev(): an entry of the local table has no next hop that could be
 * down. */
static bool needs_link_up(const struct twin_route *r, const void *aux)
{
	bool is_ipv4 = r->route.to.addr.family == AF_INET;
	bool is_local =
		is_ipv4 && twin_route_is_in_local(r) && r->type == TWIN_ROUTE_LOCAL;

	return r->link == aux && !is_local && !(is_ipv4 && is_reject(r->type));
}

void twin_route_drop_down(struct twin_link *l)
{
	twin_route_drop(l->ns, needs_link_up, l);
}

void twin_route_drop_link(struct twin_link *l, int family)
{
	twin_route_drop(l->ns, is_of_link, &(struct dropped){l, family});
}

bool twin_route_is_local(const struct twin_netns *s, const struct ip_addr *addr)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct twin_route *r = &s->routes[i];

		if (twin_route_is_in_local(r) && r->type == TWIN_ROUTE_LOCAL &&
		    ip_prefix_contains(&r->route.to, addr))
			return true;
	}
	return false;
}

uint8_t twin_route_scope(const struct model_route *r)
{
	if (r->scope == MODEL_SCOPE_HOST)
		return TWIN_SCOPE_HOST;
	if (r->scope == MODEL_SCOPE_LINK)
		return TWIN_SCOPE_LINK;
	return !r->scope && r->to.addr.family == AF_INET && !r->via.family &&
			       !model_route_is_reject(r)
		       ? TWIN_SCOPE_LINK
		       : 0;
}

enum model_route_scope twin_route_model_scope(const struct twin_route *r)
{
	if (r->route.to.addr.family != AF_INET || r->type != TWIN_ROUTE_UNICAST)
		return MODEL_SCOPE_DERIVED;
	return r->scope == 0 ? model_route_scope_of(&r->route, MODEL_SCOPE_GLOBAL)
	       : r->scope == TWIN_SCOPE_LINK
		       ? model_route_scope_of(&r->route, MODEL_SCOPE_LINK)
	       : r->scope == TWIN_SCOPE_HOST ? MODEL_SCOPE_HOST
					     : MODEL_SCOPE_OTHER;
}

void twin_route_follow_mtu(struct twin_link *l, uint32_t old_mtu)
{
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		struct twin_route *r = &l->ns->routes[i];

		if (r->link == l && r->route.to.addr.family == AF_INET6 &&
		    (r->route.mtu >= l->mtu || r->route.mtu == old_mtu))
			r->route.mtu = l->mtu;
	}
}

struct ip_prefix twin_route_subnet(const struct twin_addr *a)
{
	struct ip_prefix p = {.addr = a->peer.family == AF_INET ? a->peer
								: a->prefix.addr,
			      .len = a->prefix.len};

	return ip_prefix_network(&p);
}

static struct twin_route own_route(struct twin_link *l, const struct ip_prefix *to)
{
	return (struct twin_route){
		.route = {.to = *to, .table = table_of(l, MODEL_ROUTE_TABLE_MAIN)},
		.link = l,
		.protocol = TWIN_PROTO_KERNEL,
		.type = TWIN_ROUTE_UNICAST,
	};
}

static struct twin_route local_route(struct twin_link *l, const struct twin_addr *a,
				     const struct twin_addr *primary)
{
	struct ip_prefix host = {.addr = a->prefix.addr,
				 .len = (uint8_t)ip_addr_bits(&a->prefix.addr)};
	struct twin_route r = own_route(l, &host);

	r.route.table = table_of(l, TWIN_TABLE_LOCAL);
	r.type = TWIN_ROUTE_LOCAL;
	if (a->prefix.addr.family == AF_INET) {
		r.route.from = primary->prefix.addr;
		r.scope = TWIN_SCOPE_HOST;
	}
	return r;
}

static struct twin_route subnet_route(struct twin_link *l, const struct twin_addr *a)
{
	struct ip_prefix net = twin_route_subnet(a);
	struct twin_route r = own_route(l, &net);

	r.route.metric = a->metric;
	if (a->prefix.addr.family == AF_INET) {
		r.route.from = a->prefix.addr;
		r.scope = TWIN_SCOPE_LINK;
	} else if (!a->metric) {
		r.route.metric = TWIN_IPV6_SUBNET_METRIC;
	}
	return r;
}

static struct twin_route *find_same(struct twin_netns *s, const struct twin_route *key)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		struct twin_route *r = &s->routes[i];

		if (r->link == key->link && r->protocol == key->protocol &&
		    r->type == key->type && model_route_equals(&r->route, &key->route))
			return r;
	}
	return NULL;
}

static void put_own(struct twin_link *l, struct twin_route r)
{
	if (!find_same(l->ns, &r))
		twin_route_put(l->ns, &r, true);
}

static void remove_own(struct twin_link *l, struct twin_route r)
{
	struct twin_route *found = find_same(l->ns, &r);

	if (found)
		twin_route_remove(l->ns, found);
}

static struct twin_route peer_route(struct twin_link *l, const struct twin_addr *a)
{
	struct twin_route r =
		own_route(l, &(struct ip_prefix){.addr = a->peer, .len = 128});

	r.route.metric = a->metric ? a->metric : TWIN_IPV6_SUBNET_METRIC;
	return r;
}

static void add_ipv4(struct twin_link *l, const struct twin_addr *a,
		     const struct twin_addr *primary)
{
	struct ip_prefix net = twin_route_subnet(a);

	/* A device that is down keeps the entries of the local table. */
	put_own(l, local_route(l, a, primary));
	if (l->is_up && !a->is_secondary && net.addr.bytes[0] &&
	    (net.len < 32 || ip_addr_cmp(&net.addr, &a->prefix.addr)))
		put_own(l, subnet_route(l, a));
}

void twin_route_add_address(struct twin_link *l, const struct twin_addr *a,
			    const struct twin_addr *primary)
{
	bool is_ipv6 = a->prefix.addr.family == AF_INET6;

	if (!is_ipv6)
		add_ipv4(l, a, primary);
	else if (l->is_up)
		put_own(l, subnet_route(l, a));
	if (is_ipv6 && l->is_up && a->peer.family)
		put_own(l, peer_route(l, a));
	twin_route_add_local(l, a);
}

void twin_route_add_local(struct twin_link *l, const struct twin_addr *a)
{
	if (a->prefix.addr.family == AF_INET || !l->is_up)
		return;
	/* At the end of duplicate address detection. */
	if (!a->is_duplicate && !a->is_tentative)
		put_own(l, local_route(l, a, a));
}

static bool has_addr(const struct twin_link *l, const struct ip_addr *addr)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].prefix.addr, addr))
			return true;
	}
	return false;
}

static bool has_family(const struct twin_link *l, int family)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].prefix.addr.family == family)
			return true;
	}
	return false;
}

static bool has_source(const struct twin_route *r, const void *aux)
{
	return r->route.from.family && !ip_addr_cmp(&r->route.from, aux);
}

static void del_ipv4(struct twin_link *l, const struct twin_addr *a,
		     const struct twin_addr *primary)
{
	if (!a->is_secondary)
		remove_own(l, subnet_route(l, a));
	if (!has_addr(l, &a->prefix.addr)) {
		remove_own(l, local_route(l, a, primary));
		/* Linux fib_sync_down_addr(). */
		if (!twin_route_is_local(l->ns, &a->prefix.addr))
			twin_route_drop(l->ns, has_source, &a->prefix.addr);
	}
	/* Linux fib_disable_ip(). */
	if (!has_family(l, AF_INET))
		twin_route_drop_link(l, AF_INET);
}

/* Linux addrconf_get_prefix_route(): the first of the device, whoever made it. */
static struct twin_route *find_prefix_route(struct twin_link *l,
					    const struct ip_prefix *net)
{
	struct twin_route *found = NULL;

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		struct twin_route *r = &l->ns->routes[i];

		if (r->link == l &&
		    r->route.table == table_of(l, MODEL_ROUTE_TABLE_MAIN) &&
		    !r->route.via.family && !ip_prefix_cmp(&r->route.to, net) &&
		    (!found || model_route_key_cmp(&r->route, &found->route) < 0))
			found = r;
	}
	return found;
}

static void del_ipv6(struct twin_link *l, const struct twin_addr *a)
{
	struct ip_prefix net = twin_route_subnet(a);
	struct twin_route *r;
	bool is_shared = false;

	for (size_t i = 0; i < l->n_addresses; i++) {
		struct ip_prefix other = twin_route_subnet(&l->addresses[i]);

		is_shared |= !ip_prefix_cmp(&other, &net);
	}
	r = is_shared ? NULL : find_prefix_route(l, &net);
	if (r)
		twin_route_remove(l->ns, r);
	if (a->peer.family)
		remove_own(l, peer_route(l, a));
	remove_own(l, local_route(l, a, a));
	/* Linux rt6_remove_prefsrc(): the route stays. */
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		r = &l->ns->routes[i];
		if (r->link == l && has_source(r, &a->prefix.addr))
			r->route.from = (struct ip_addr){0};
	}
}

void twin_route_del_address(struct twin_link *l, const struct twin_addr *a,
			    const struct twin_addr *primary)
{
	if (a->prefix.addr.family == AF_INET)
		del_ipv4(l, a, primary);
	else
		del_ipv6(l, a);
}

void twin_route_del_own(struct twin_link *l, const struct twin_addr *a,
			const struct twin_addr *primary)
{
	if (!a->is_secondary)
		remove_own(l, subnet_route(l, a));
	if (a->prefix.addr.family == AF_INET6 && a->peer.family)
		remove_own(l, peer_route(l, a));
	remove_own(l, local_route(l, a, primary));
}

void twin_route_restore_subnet(struct twin_link *l, const struct twin_addr *a)
{
	struct ip_prefix net = twin_route_subnet(a);

	if (l->is_up && !find_prefix_route(l, &net))
		put_own(l, subnet_route(l, a));
}
