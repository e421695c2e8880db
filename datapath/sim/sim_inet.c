/* Addresses and routes of the simulated kernel, with the conditions of the real one
 * (kernel.md 8, 9, 21). */
#include "datapath/sim/sim_inet.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_route.h"
#include "lib/alloc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static struct model_address_seen *find_noted(const struct sim_link *l,
					     const struct ip_prefix *p)
{
	for (size_t i = 0; i < l->n_noted; i++) {
		if (!ip_prefix_cmp(&l->noted[i].address, p))
			return &l->noted[i];
	}
	return NULL;
}

static void set_notes(struct sim_link *l, const struct ip_prefix *p, unsigned int notes,
		      const struct ip_addr *peer)
{
	struct model_address_seen *seen = find_noted(l, p);

	if (!notes) {
		if (seen)
			*seen = l->noted[--l->n_noted];
		return;
	}
	if (!seen) {
		l->noted = xgrow(l->noted, l->n_noted, &l->noted_cap, sizeof(*l->noted));
		seen = &l->noted[l->n_noted++];
	}
	*seen = (struct model_address_seen){.address = *p, .peer = *peer, .notes = notes};
}

static bool has_note(const struct sim_link *l, const struct ip_prefix *p,
		     enum model_address_note note)
{
	const struct model_address_seen *seen = find_noted(l, p);

	return seen && seen->notes & note;
}

struct err *sim_addr_note(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p, unsigned int notes,
			  const struct ip_addr *peer)
{
	char buf[IP_TEXT_BYTES];

	if (!sim_addr_has(l, p))
		return sim_kernel_err(EADDRNOTAVAIL, NULL);
	set_notes(l, p, notes, peer);
	sim_event_add_link(w, l, "address %s changed", ip_prefix_format(p, buf));
	return NULL;
}

bool sim_addr_has_peer(const struct sim_link *l, const struct ip_prefix *p,
		       const struct ip_addr *peer)
{
	const struct model_address_seen *seen = find_noted(l, p);

	return !ip_addr_cmp(seen ? &seen->peer : &(struct ip_addr){0}, peer);
}

void sim_addr_probe(struct sim_link *l)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].addr, &l->duplicate))
			set_notes(l, &l->addresses[i], MODEL_ADDRESS_DUPLICATE,
				  &(struct ip_addr){0});
	}
}

struct err *sim_addr_mend(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p)
{
	const struct model_address_seen *seen = find_noted(l, p);

	if (!seen)
		return NULL;
	if (model_address_is_spoilt(seen))
		return sim_kernel_err(EEXIST, NULL);
	return sim_addr_note(w, l, p,
			     seen->notes &
				     (MODEL_ADDRESS_OTHERS | MODEL_ADDRESS_DUPLICATE |
				      MODEL_ADDRESS_TENTATIVE),
			     &(struct ip_addr){0});
}

bool sim_addr_has(const struct sim_link *l, const struct ip_prefix *p)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_prefix_cmp(&l->addresses[i], p))
			return true;
	}
	return false;
}

static bool has_addr(const struct sim_link *l, const struct ip_addr *addr)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].addr, addr))
			return true;
	}
	return false;
}

/* An address may be on one slave of a port only, in whatever namespace; those of the
 * master do not count (kernel.md 9). */
static bool is_taken(const struct sim_link *l, const struct ip_addr *addr)
{
	if (!sim_link_is_ipvlan(l))
		return false;
	for (const struct sim_link *u = l->lower->uppers; u; u = u->next_upper) {
		if (u != l && sim_link_is_ipvlan(u) && has_addr(u, addr))
			return true;
	}
	return false;
}

struct err *sim_addr_add(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p)
{
	static const char taken[] = "Address already assigned to an ipvlan device";
	char buf[IP_TEXT_BYTES];

	if (p->addr.family == AF_INET6 &&
	    strcmp(sim_link_find_sysctl(l, "ipv6.disable_ipv6"), "0") != 0)
		return sim_kernel_err(EACCES, NULL);
	if (is_taken(l, &p->addr))
		return sim_kernel_err(EADDRINUSE, taken);
	if (sim_addr_has(l, p))
		return sim_kernel_err(EEXIST, NULL);
	if (has_addr(l, &p->addr))
		return p->addr.family == AF_INET ? sim_kernel_err(EADDRINUSE, taken)
						 : sim_kernel_err(EEXIST, NULL);
	l->addresses = xgrow(l->addresses, l->n_addresses, &l->addresses_cap,
			     sizeof(*l->addresses));
	l->addresses[l->n_addresses++] = *p;
	sim_addr_probe(l);
	sim_event_add_link(w, l, "address %s added", ip_prefix_format(p, buf));
	return NULL;
}

static bool is_same_subnet(const struct ip_prefix *a, const struct ip_prefix *b)
{
	struct ip_prefix x = ip_prefix_network(a), y = ip_prefix_network(b);

	return !ip_prefix_cmp(&x, &y);
}

/* The first address of its subnet: with promote_secondaries=0 the others are removed with
 * it. */
static bool is_primary(const struct sim_link *l, const struct ip_prefix *p)
{
	if (p->addr.family != AF_INET)
		return false;
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (is_same_subnet(&l->addresses[i], p))
			return !ip_prefix_cmp(&l->addresses[i], p);
	}
	return false;
}

static bool has_ipv4(const struct sim_link *l)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].addr.family == AF_INET)
			return true;
	}
	return false;
}

/* A route whose preferred source is gone, and every IPv4 route after the last address. */
static bool is_orphan(const struct sim_link *l, const struct model_route *r)
{
	return r->to.addr.family == AF_INET &&
	       (!has_ipv4(l) || (r->from.family && !has_addr(l, &r->from)));
}

struct err *sim_addr_del(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p)
{
	bool takes_subnet = is_primary(l, p);
	char buf[IP_TEXT_BYTES];
	size_t kept = 0;

	if (!sim_addr_has(l, p))
		return sim_kernel_err(EADDRNOTAVAIL, NULL);
	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct ip_prefix *other = &l->addresses[i];

		if (ip_prefix_cmp(other, p) &&
		    !(takes_subnet && is_same_subnet(other, p)))
			l->addresses[kept++] = *other;
		else
			set_notes(l, other, 0, NULL);
	}
	l->n_addresses = kept;
	if (p->addr.family == AF_INET)
		sim_route_drop(w, l, is_orphan);
	sim_event_add_link(w, l, "address %s removed", ip_prefix_format(p, buf));
	return NULL;
}

static bool is_reachable(const struct sim_link *l, const struct ip_addr *via)
{
	if (via->family == AF_INET6 && ip_addr_is_link_local(via))
		return true;
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (ip_prefix_contains(&l->addresses[i], via) &&
		    !has_note(l, &l->addresses[i], MODEL_ADDRESS_NO_SUBNET))
			return true;
	}
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct sim_route *r = &l->ns->routes[i];

		if (r->link == l && !r->route.via.family &&
		    ip_prefix_contains(&r->route.to, via) &&
		    !ip_prefix_is_default(&r->route.to))
			return true;
	}
	return false;
}

static bool is_local(const struct sim_netns *s, const struct ip_addr *addr)
{
	struct sim_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (has_addr(l, addr))
			return true;
	}
	return false;
}

static struct err *check_route(const struct sim_link *l, const struct model_route *r)
{
	bool is_ipv4 = r->to.addr.family == AF_INET;

	if (!l->is_up)
		return sim_kernel_err(ENETDOWN,
				      is_ipv4 ? "Device for nexthop is not up" : NULL);
	if (r->from.family && !is_local(l->ns, &r->from))
		return sim_kernel_err(EINVAL, "Invalid prefsrc address");
	if (!r->via.family)
		return NULL;
	if (!is_ipv4 && is_local(l->ns, &r->via))
		return sim_kernel_err(EINVAL, "Gateway can not be a local address");
	if (!r->on_link && !is_reachable(l, &r->via))
		return is_ipv4 ? sim_kernel_err(ENETUNREACH,
						"Nexthop has invalid gateway")
			       : sim_kernel_err(EHOSTUNREACH, NULL);
	return NULL;
}

struct err *sim_route_add(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours)
{
	struct sim_netns *s = l->ns;
	struct err *e = check_route(l, r);

	if (!e && sim_route_find(s, r))
		e = sim_kernel_err(EEXIST, NULL);
	if (e)
		return e;
	sim_route_put(l, r, is_ours);
	sim_event_add_link(w, l, "route added");
	return NULL;
}

struct err *sim_route_del(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours)
{
	struct sim_route *found = sim_route_find(l->ns, r);
	size_t at;

	if (!found || found->link != l || found->is_ours != is_ours)
		return sim_kernel_err(ESRCH, NULL);
	at = (size_t)(found - l->ns->routes);
	l->ns->n_routes--;
	memmove(found, found + 1, (l->ns->n_routes - at) * sizeof(*found));
	if (!is_ours)
		sim_route_add_freed_events(w, l);
	sim_event_add_link(w, l, "route removed");
	return NULL;
}
