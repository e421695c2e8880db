/* How an address of the simulated kernel differs from one that ipvl adds: derived from
 * the address and the routes, as datapath/kernel/observe/observe_addr.c does; and the inverse, for
 * a model that is loaded. */
#include "datapath/sim/sim_addr_notes.h"

#include "datapath/sim/twin/twin_route.h"

#include <string.h>

#include <sys/socket.h>

struct found {
	bool has_subnet, has_local, has_detour;
};

static void match(struct found *f, const struct twin_addr *a, const struct twin_route *r)
{
	struct ip_prefix net = ip_prefix_network(&a->prefix);

	if (twin_route_is_in_local(r) && r->type == TWIN_ROUTE_LOCAL)
		f->has_local |= !ip_addr_cmp(&r->route.to.addr, &a->prefix.addr);
	if (r->type != TWIN_ROUTE_UNICAST || r->route.table != MODEL_ROUTE_TABLE_MAIN ||
	    ip_prefix_cmp(&r->route.to, &net))
		return;
	if (!r->route.via.family)
		f->has_subnet = true;
	else if (net.addr.family == AF_INET && !r->route.metric && !f->has_subnet)
		f->has_detour = true;
}

static unsigned int routes_missing(const struct twin_link *l, const struct twin_addr *a)
{
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	struct found f = {0};
	unsigned int notes = 0;

	if (!l->is_up || l->controller)
		return 0;
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		if (l->ns->routes[i].link == l)
			match(&f, a, &l->ns->routes[i]);
	}
	if (f.has_detour)
		notes |= MODEL_ADDRESS_DETOUR;
	else if (!f.has_subnet && !a->peer.family &&
		 !(is_ipv4 && (a->is_secondary || a->prefix.len == 32)))
		notes |= MODEL_ADDRESS_NO_SUBNET;
	/* One that has failed stays tentative. */
	if (!f.has_local && (is_ipv4 || !(a->is_tentative || a->is_duplicate)))
		notes |= MODEL_ADDRESS_NO_LOCAL;
	return notes;
}

unsigned int sim_addr_notes(const struct twin_link *l, const struct twin_addr *a)
{
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	unsigned int notes = routes_missing(l, a);

	if (a->protocol > TWIN_ADDR_PROTO_KERNEL)
		notes |= MODEL_ADDRESS_OTHERS;
	if (a->peer.family)
		notes |= MODEL_ADDRESS_PEER;
	if (is_ipv4 && a->scope)
		notes |= MODEL_ADDRESS_SCOPE;
	if (a->valid_s != UINT32_MAX || a->preferred_s != UINT32_MAX)
		notes |= MODEL_ADDRESS_LIFETIME;
	if (is_ipv4 && strcmp(a->label, l->name) != 0)
		notes |= MODEL_ADDRESS_LABEL;
	if (a->metric && (is_ipv4 || a->metric != TWIN_IPV6_SUBNET_METRIC))
		notes |= MODEL_ADDRESS_METRIC;
	if (a->is_duplicate)
		notes |= MODEL_ADDRESS_DUPLICATE;
	else if (a->is_tentative)
		notes |= MODEL_ADDRESS_TENTATIVE;
	return notes;
}

static enum model_route_scope scope_of(uint8_t scope)
{
	return scope == TWIN_SCOPE_LINK   ? MODEL_SCOPE_LINK
	       : scope == TWIN_SCOPE_HOST ? MODEL_SCOPE_HOST
					  : MODEL_SCOPE_OTHER;
}

struct model_address_seen sim_addr_seen(const struct twin_link *l,
					const struct twin_addr *a)
{
	struct model_address_seen seen = {
		.address = a->prefix,
		.peer = a->peer,
		.notes = sim_addr_notes(l, a),
		.is_deprecated = a->valid_s == UINT32_MAX && !a->preferred_s,
	};

	if (seen.notes & MODEL_ADDRESS_SCOPE)
		seen.scope = scope_of(a->scope);
	if (seen.notes & MODEL_ADDRESS_LABEL)
		memcpy(seen.label, a->label, sizeof(seen.label));
	return seen;
}

static void drop_subnet(struct twin_link *l, const struct ip_prefix *net)
{
	struct twin_netns *s = l->ns;

	for (size_t i = s->n_routes; i--;) {
		struct twin_route *r = &s->routes[i];

		if (r->link == l && r->protocol == TWIN_PROTO_KERNEL &&
		    r->type == TWIN_ROUTE_UNICAST && !ip_prefix_cmp(&r->route.to, net))
			twin_route_remove(s, r);
	}
}

static void drop_local(struct twin_link *l, const struct ip_addr *addr)
{
	struct twin_netns *s = l->ns;

	for (size_t i = s->n_routes; i--;) {
		struct twin_route *r = &s->routes[i];

		if (r->link == l && twin_route_is_in_local(r) &&
		    !ip_addr_cmp(&r->route.to.addr, addr))
			twin_route_remove(s, r);
	}
}

/* Another program's route to the subnet, through a gateway in it. */
static void put_detour(struct twin_link *l, const struct ip_prefix *net)
{
	struct twin_route r = {
		.route = {.to = *net, .via = net->addr, .table = MODEL_ROUTE_TABLE_MAIN},
		.link = l,
		.protocol = TWIN_PROTO_STATIC,
		.type = TWIN_ROUTE_UNICAST};

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *other = &l->ns->routes[i];

		if (other->link == l && other->route.via.family &&
		    !model_route_key_cmp(&other->route, &r.route))
			return;
	}
	r.route.via.bytes[ip_addr_bytes(&r.route.via) - 1] |= 1;
	twin_route_put(l->ns, &r, true);
}

/* Its scope, lifetime and label, or some that differ. */
static void load_options(struct twin_addr *a, const struct model_address_seen *seen)
{
	if (seen->notes & MODEL_ADDRESS_SCOPE)
		a->scope = seen->scope == MODEL_SCOPE_HOST ? TWIN_SCOPE_HOST
							   : TWIN_SCOPE_LINK;
	else
		a->scope = 0;
	a->preferred_s = !(seen->notes & MODEL_ADDRESS_LIFETIME) ? UINT32_MAX
			 : seen->is_deprecated                   ? 0
								 : 3600;
	if (seen->notes & MODEL_ADDRESS_LABEL)
		memcpy(a->label, seen->label, sizeof(a->label));
}

void sim_addr_spoil(struct twin_link *l, struct twin_addr *a,
		    const struct model_address_seen *seen)
{
	unsigned int notes = seen->notes;
	struct ip_prefix net = ip_prefix_network(&a->prefix);

	drop_local(l, &a->prefix.addr);
	if (!a->is_secondary)
		drop_subnet(l, &net);
	a->protocol = notes & MODEL_ADDRESS_OTHERS ? TWIN_ADDR_PROTO_KERNEL + 1 : 0;
	a->peer = seen->peer;
	load_options(a, seen);
	a->metric = notes & MODEL_ADDRESS_METRIC ? 5 : 0;
	a->is_duplicate = notes & MODEL_ADDRESS_DUPLICATE;
	a->is_tentative = notes & MODEL_ADDRESS_TENTATIVE;
	twin_route_add_address(l, a, a);
	if (notes & MODEL_ADDRESS_NO_LOCAL)
		drop_local(l, &a->prefix.addr);
	if (notes & (MODEL_ADDRESS_NO_SUBNET | MODEL_ADDRESS_DETOUR))
		drop_subnet(l, &net);
	if (notes & MODEL_ADDRESS_DETOUR)
		put_detour(l, &net);
}
