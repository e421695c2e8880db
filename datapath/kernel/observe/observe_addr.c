/* The addresses of one device, from messages to the model, with how each differs from one
 * that ipvl adds.
 *
 * All addresses of a namespace are taken first, then all its routes. What a difference
 * means is decided by the plan. */
#include "datapath/kernel/observe/observe_addr.h"

#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

struct observed_addr {
	struct nl_addr addr;
	bool has_subnet, has_local, has_detour;
};

static bool is_declared(const struct observed_detail *d, const struct ip_prefix *p)
{
	for (size_t i = 0; i < d->n_declared; i++) {
		if (!ip_prefix_cmp(&d->declared[i], p))
			return true;
	}
	return false;
}

void observe_addr_take(struct observation *o, struct observed_detail *d,
		       const struct nl_addr *a)
{
	if (!nl_addr_is_static(a) && !is_declared(d, &a->prefix))
		return;
	d->addrs =
		arena_grow(o->a, d->addrs, d->n_addrs, &d->cap_addrs, sizeof(*d->addrs));
	d->addrs[d->n_addrs++] = (struct observed_addr){.addr = *a};
}

static void match_route(struct observed_addr *observation, const struct nl_route *r)
{
	const struct ip_prefix *p = &observation->addr.prefix;
	struct ip_prefix net = ip_prefix_network(p);

	if (r->is_local && r->type == RTN_LOCAL)
		observation->has_local |= !ip_addr_cmp(&r->route.to.addr, &p->addr);
	if (r->type != RTN_UNICAST || r->route.table != RT_TABLE_MAIN ||
	    ip_prefix_cmp(&r->route.to, &net))
		return;
	/* Whoever made the route: what counts is that the subnet is on-link. Of IPv4
	 * routes with the same metric the first one is used (Linux
	 * fib_table_lookup()). */
	if (!r->route.via.family)
		observation->has_subnet = true;
	else if (p->addr.family == AF_INET && !r->route.metric &&
		 !observation->has_subnet)
		observation->has_detour = true;
}

void observe_addr_take_route(struct observed_detail *d, const struct nl_route *r)
{
	for (size_t i = 0; i < d->n_addrs; i++)
		match_route(&d->addrs[i], r);
}

/* Linux fib_add_ifaddr(), addrconf_prefix_route(). A device that is down has no routes;
 * one in a VRF has them in another table. */
static bool should_have_routes(const struct observed_detail *d)
{
	const struct nl_link *link = &d->found->link;

	return link->flags & IFF_UP && !link->upper;
}

static unsigned int routes_missing(const struct observed_addr *observation)
{
	const struct nl_addr *a = &observation->addr;
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	unsigned int notes = 0;

	/* A secondary address shares the route of the first address in its subnet. */
	if (observation->has_detour)
		notes |= MODEL_ADDRESS_DETOUR;
	else if (!observation->has_subnet && !a->peer.family &&
		 !(is_ipv4 && (a->flags & IFA_F_SECONDARY || a->prefix.len == 32)))
		notes |= MODEL_ADDRESS_NO_SUBNET;
	/* In IPv6 the entry is added at the end of duplicate address detection. */
	if (!observation->has_local && (is_ipv4 || !(a->flags & IFA_F_TENTATIVE)))
		notes |= MODEL_ADDRESS_NO_LOCAL;
	return notes;
}

unsigned int observe_addr_notes(const struct nl_addr *a)
{
	unsigned int notes = 0;

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

static unsigned int notes_of(const struct observed_detail *d,
			     const struct observed_addr *observation)
{
	unsigned int notes = observe_addr_notes(&observation->addr);

	return should_have_routes(d) ? notes | routes_missing(observation) : notes;
}

void observe_addr_fill(struct observation *o, struct observed_detail *d)
{
	struct model_slave *s = d->slave;

	if (!s)
		return;
	s->addresses = arena_array(o->a, d->n_addrs, sizeof(*s->addresses));
	s->seen.noted = arena_array(o->a, d->n_addrs, sizeof(*s->seen.noted));
	for (size_t i = 0; i < d->n_addrs; i++) {
		const struct nl_addr *a = &d->addrs[i].addr;
		struct model_address_seen seen =
			nl_addr_seen(a, d->found->link.name, notes_of(d, &d->addrs[i]));

		s->addresses[s->n_addresses++] = a->prefix;
		if (seen.notes)
			s->seen.noted[s->seen.n_noted++] = seen;
	}
}
