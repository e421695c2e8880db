/* Addresses of one device: from messages to the model, with what is peculiar about each.
 *
 * Neighbours: observe_detail.c reads the addresses of a namespace first, then its routes,
 * and gives both to this. Which peculiarity matters is the plan's. */
#include "datapath/kernel/observe_link.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

struct addr_look {
	struct nl_addr addr;
	bool has_subnet, has_local, has_detour;
};

static bool is_declared(const struct detail *d, const struct ip_prefix *p)
{
	for (size_t i = 0; i < d->n_declared; i++) {
		if (!ip_prefix_cmp(&d->declared[i], p))
			return true;
	}
	return false;
}

void detail_take_addr(struct look *l, struct detail *d, const struct nl_addr *a)
{
	if (!nl_addr_is_static(a) && !is_declared(d, &a->prefix))
		return;
	d->addrs =
		arena_grow(l->a, d->addrs, d->n_addrs, &d->cap_addrs, sizeof(*d->addrs));
	d->addrs[d->n_addrs++] = (struct addr_look){.addr = *a};
}

static void match_route(struct addr_look *look, const struct nl_route *r)
{
	const struct ip_prefix *p = &look->addr.prefix;
	struct ip_prefix net = ip_prefix_network(p);

	if (r->is_local && r->type == RTN_LOCAL)
		look->has_local |= !ip_addr_cmp(&r->route.to.addr, &p->addr);
	if (r->type != RTN_UNICAST || r->route.table != RT_TABLE_MAIN ||
	    ip_prefix_cmp(&r->route.to, &net))
		return;
	/* Whoever made it: what counts is that the subnet is on the link. Of IPv4 routes
	 * with the same metric the first is used (Linux fib_table_lookup()). */
	if (!r->route.via.family)
		look->has_subnet = true;
	else if (p->addr.family == AF_INET && !r->route.metric && !look->has_subnet)
		look->has_detour = true;
}

void detail_take_route(struct detail *d, const struct nl_route *r)
{
	for (size_t i = 0; i < d->n_addrs; i++)
		match_route(&d->addrs[i], r);
}

/* Linux fib_add_ifaddr(), addrconf_prefix_route(). A device that is down has no routes,
 * and one in a VRF has them in its table. */
static bool should_have_routes(const struct detail *d)
{
	const struct nl_link *link = &d->found->link;

	return link->flags & IFF_UP && !link->upper;
}

static unsigned int routes_missing(const struct addr_look *look)
{
	const struct nl_addr *a = &look->addr;
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	unsigned int notes = 0;

	/* A secondary address shares the route of the first one in its subnet. */
	if (look->has_detour)
		notes |= MODEL_ADDRESS_DETOUR;
	else if (!look->has_subnet && !a->peer.family &&
		 !(is_ipv4 && (a->flags & IFA_F_SECONDARY || a->prefix.len == 32)))
		notes |= MODEL_ADDRESS_NO_SUBNET;
	/* IPv6's comes with the end of duplicate address detection. */
	if (!look->has_local && (is_ipv4 || !(a->flags & IFA_F_TENTATIVE)))
		notes |= MODEL_ADDRESS_NO_LOCAL;
	return notes;
}

static unsigned int notes_of(const struct detail *d, const struct addr_look *look)
{
	const struct nl_addr *a = &look->addr;
	unsigned int notes = should_have_routes(d) ? routes_missing(look) : 0;

	if (nl_addr_is_marked(a))
		notes |= MODEL_ADDRESS_OTHERS;
	if (a->peer.family)
		notes |= MODEL_ADDRESS_PEER;
	if (a->prefix.addr.family == AF_INET && a->scope != RT_SCOPE_UNIVERSE)
		notes |= MODEL_ADDRESS_SCOPE;
	if (a->has_lifetime || a->flags & IFA_F_DEPRECATED)
		notes |= MODEL_ADDRESS_LIFETIME;
	if (nl_addr_has_metric(a))
		notes |= MODEL_ADDRESS_METRIC;
	if (nl_addr_has_failed(a))
		notes |= MODEL_ADDRESS_DUPLICATE;
	else if (a->flags & IFA_F_TENTATIVE)
		notes |= MODEL_ADDRESS_TENTATIVE;
	return notes;
}

void detail_fill_addrs(struct look *l, struct detail *d)
{
	struct model_slave *s = d->slave;

	if (!s)
		return;
	s->addresses = arena_array(l->a, d->n_addrs, sizeof(*s->addresses));
	s->seen.noted = arena_array(l->a, d->n_addrs, sizeof(*s->seen.noted));
	for (size_t i = 0; i < d->n_addrs; i++) {
		const struct nl_addr *a = &d->addrs[i].addr;
		unsigned int notes = notes_of(d, &d->addrs[i]);

		s->addresses[s->n_addresses++] = a->prefix;
		if (!notes)
			continue;
		s->seen.noted[s->seen.n_noted++] = (struct model_address_seen){
			.address = a->prefix, .peer = a->peer, .notes = notes};
	}
}
