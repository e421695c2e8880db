/* Addresses that the master itself holds. The kernel would give them to a slave as well
 * (kernel.md 9): then two devices answer for one address, and who gets its packets is
 * chance. So such an address is left to the master, and the rest of the slave is made. */
#include "datapath/plan/plan_context.h"

bool master_holds(const struct slave_work *s, const struct ip_addr *addr)
{
	const struct master_work *m = s->master;

	/* What the device has goes with it. */
	if (!m->have || m->removes_vlan)
		return false;
	for (size_t i = 0; i < m->have->seen.n_addresses; i++) {
		if (!ip_addr_cmp(&m->have->seen.addresses[i].addr, addr))
			return true;
	}
	return false;
}

bool address_is_held(const struct slave_work *s, const struct ip_prefix *address)
{
	return !slave_has_address(s, address) && master_holds(s, &address->addr);
}

void set_held(struct plan_work *w, struct slave_work *s, const struct ip_prefix *address)
{
	if (s->kind != PLAN_READY)
		return;
	s->kind = PLAN_CONFLICT;
	s->message = text_held_address(w, s, address);
}

/* True where one of the slave's own addresses, or a route of it without a gateway, leads
 * to 'via'. */
static bool is_reachable(const struct slave_work *s, const struct ip_addr *via)
{
	for (size_t i = 0; i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (ip_prefix_contains(p, via) && !address_is_held(s, p))
			return true;
	}
	for (size_t i = 0; i < s->want->n_routes; i++) {
		const struct model_route *r = &s->want->routes[i];

		if (!r->via.family && !ip_prefix_is_default(&r->to) &&
		    ip_prefix_contains(&r->to, via))
			return true;
	}
	return false;
}

bool route_is_held(const struct slave_work *s, const struct model_route *r)
{
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (!address_is_held(s, p))
			continue;
		if (!ip_addr_cmp(&p->addr, &r->from) ||
		    (r->via.family && !r->on_link && ip_prefix_contains(p, &r->via) &&
		     !is_reachable(s, &r->via)))
			return true;
	}
	return false;
}
