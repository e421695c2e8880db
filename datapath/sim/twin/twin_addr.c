/* Addresses of the simulated kernel: adding, changing and deleting them, what goes with
 * them, duplicate address detection (kernel.md 7 to 9, 21 to 23). */
#include "datapath/sim/twin/twin_addr.h"

#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Measured: not in 6.1. */
#define IPV4_PROTOCOL_REPLACED 612

struct twin_addr twin_addr_plain(const struct ip_prefix *p)
{
	return (struct twin_addr){
		.prefix = *p, .valid_s = UINT32_MAX, .preferred_s = UINT32_MAX};
}

struct twin_addr *twin_addr_find(const struct twin_link *l, const struct ip_prefix *p)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_prefix_cmp(&l->addresses[i].prefix, p))
			return &l->addresses[i];
	}
	return NULL;
}

/* IFA_ADDRESS. */
static const struct ip_addr *far_end(const struct twin_addr *a)
{
	return a->peer.family ? &a->peer : &a->prefix.addr;
}

/* Of IPv4 that is IFA_ADDRESS (Linux ipvlan_addr4_validator_event()). */
const struct ip_addr *twin_addr_in_port(const struct twin_addr *a)
{
	return a->prefix.addr.family == AF_INET ? far_end(a) : &a->prefix.addr;
}

/* Linux inet_ifa_match(), with equal masks. */
static bool is_same_subnet(const struct twin_addr *a, const struct twin_addr *b)
{
	struct ip_prefix x = twin_route_subnet(a), y = twin_route_subnet(b);

	return !ip_prefix_cmp(&x, &y);
}

/* An address may be on one slave of a port only, in whatever namespace; those of the
 * master do not count (kernel.md 9). */
static bool is_taken(const struct twin_link *l, const struct ip_addr *addr)
{
	if (!twin_link_is_in_port(l))
		return false;
	for (const struct twin_link *u = l->lower->uppers; u; u = u->next_upper) {
		for (size_t i = 0; twin_link_is_in_port(u) && i < u->n_addresses; i++) {
			if (!ip_addr_cmp(twin_addr_in_port(&u->addresses[i]), addr))
				return true;
		}
	}
	return false;
}

static const struct twin_addr *primary_of(const struct twin_link *l,
					  const struct twin_addr *a)
{
	for (size_t i = 0; a->is_secondary && i < l->n_addresses; i++) {
		const struct twin_addr *other = &l->addresses[i];

		if (!other->is_secondary && is_same_subnet(other, a))
			return other;
	}
	return a;
}

static bool holds(const struct twin_link *l, const struct ip_addr *addr)
{
	for (size_t i = 0; l->is_up && !l->is_noarp && i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].prefix.addr, addr) &&
		    !l->addresses[i].is_duplicate)
			return true;
	}
	return false;
}

/* The other end of the veth below, and the ipvlans on it. */
static bool is_on_segment(const struct twin_link *l, const struct ip_addr *addr)
{
	const struct twin_link *base = twin_link_is_in_port(l) ? l->lower : l;
	const struct twin_link *peer = base->peer;
	bool is_held;

	if (!peer || !peer->is_up || !base->is_up)
		return false;
	is_held = holds(peer, addr);
	for (const struct twin_link *u = peer->uppers; u; u = u->next_upper)
		is_held |= twin_link_is_in_port(u) && holds(u, addr);
	return is_held;
}

/* kernel.md 23: once, and never in l3 and l3s (IFF_NOARP). */
void twin_addr_probe(struct twin_link *l, struct twin_addr *a)
{
	if (a->prefix.addr.family != AF_INET6 || a->has_no_dad || !l->is_up ||
	    l->is_noarp || atoi(twin_sysctl_get(l->ns, l, "ipv6.accept_dad")) < 1)
		return;
	if (!ip_addr_cmp(&a->prefix.addr, &l->duplicate) ||
	    is_on_segment(l, &a->prefix.addr))
		a->is_duplicate = true;
}

static void insert(struct twin_world *w, struct twin_link *l, const struct twin_addr *a)
{
	struct twin_addr *new;

	l->addresses = xgrow(l->addresses, l->n_addresses, &l->addresses_cap,
			     sizeof(*l->addresses));
	new = &l->addresses[l->n_addresses++];
	*new = *a;
	if (a->prefix.addr.family == AF_INET && !*new->label)
		(void)stpncpy(new->label, l->name, sizeof(new->label) - 1);
	twin_addr_probe(l, new);
	twin_event_address(w, l, new, false);
	twin_route_add_address(l, new, primary_of(l, new));
}

static struct err *taken_err(void)
{
	return twin_kernel_err(EADDRINUSE,
			       "Address already assigned to an ipvlan device");
}

/* Linux inet_rtm_newaddr() with an address that is present. */
static void modify(struct twin_world *w, struct twin_link *l, struct twin_addr *old,
		   const struct twin_addr *a, bool has_metric)
{
	bool is_ipv6 = a->prefix.addr.family == AF_INET6;
	struct twin_addr was = *old;

	old->valid_s = a->valid_s;
	old->preferred_s = a->preferred_s;
	if (is_ipv6 || w->kernel_version >= IPV4_PROTOCOL_REPLACED)
		old->protocol = a->protocol;
	if (has_metric)
		old->metric = a->metric;
	if (is_ipv6 && a->peer.family)
		old->peer = a->peer;
	if (was.metric != old->metric) {
		twin_route_del_own(l, &was, primary_of(l, &was));
		twin_route_add_address(l, old, primary_of(l, old));
	}
	/* IPv6 restores the route to the subnet (kernel.md 21). */
	if (is_ipv6)
		twin_route_restore_subnet(l, old);
	twin_event_address(w, l, old, false);
}

static struct err *existing(struct twin_world *w, struct twin_link *l,
			    struct twin_addr *old, const struct twin_addr *a,
			    unsigned int flags)
{
	if (flags & TWIN_EXCL || !(flags & TWIN_REPLACE))
		return twin_kernel_err(EEXIST, NULL);
	modify(w, l, old, a, a->prefix.addr.family == AF_INET || a->metric);
	return NULL;
}

static struct err *add_ipv4(struct twin_world *w, struct twin_link *l,
			    struct twin_addr *a, unsigned int flags)
{
	if (l->lacks_ipv4)
		return twin_kernel_err(ENOBUFS, NULL);
	for (size_t i = 0; i < l->n_addresses; i++) {
		struct twin_addr *other = &l->addresses[i];

		if (!is_same_subnet(other, a))
			continue;
		if (!ip_addr_cmp(&other->prefix.addr, &a->prefix.addr))
			return existing(w, l, other, a, flags);
	}
	if (ip_addr_is_unspecified(&a->prefix.addr))
		return NULL;
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!is_same_subnet(&l->addresses[i], a))
			continue;
		if (l->addresses[i].scope != a->scope)
			return twin_kernel_err(EINVAL, NULL);
		a->is_secondary = true;
	}
	if (is_taken(l, twin_addr_in_port(a)))
		return taken_err();
	insert(w, l, a);
	return NULL;
}

static bool is_loopback(const struct ip_addr *addr)
{
	static const uint8_t one[16] = {[15] = 1};

	return !memcmp(addr->bytes, one, sizeof(one));
}

/* Linux ipv6_find_idev(): an address brings IPv6 back. */
static struct err *need_ipv6(struct twin_link *l)
{
	if (l->has_ipv6)
		return NULL;
	if (l->mtu < MODEL_IPV6_MTU_MIN || twin_link_is_sysctl_folder(l->name))
		return twin_kernel_err(EINVAL, NULL);
	l->has_ipv6 = true;
	l->is_ipv6_ready = l->is_up && l->has_carrier;
	twin_sysctl_inherit(l, "ipv6.");
	return NULL;
}

static struct err *add_ipv6(struct twin_world *w, struct twin_link *l,
			    struct twin_addr *a, unsigned int flags)
{
	struct err *e = need_ipv6(l);

	if (e)
		return e;
	a->scope = 0;
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].prefix.addr, &a->prefix.addr))
			return existing(w, l, &l->addresses[i], a, flags);
	}
	if (strcmp(twin_sysctl_get(l->ns, l, "ipv6.disable_ipv6"), "0") != 0)
		return twin_kernel_err(EACCES, NULL);
	if (ip_addr_is_unspecified(&a->prefix.addr) ||
	    ip_addr_is_multicast(&a->prefix.addr) ||
	    (is_loopback(&a->prefix.addr) && !twin_link_is_lo(l)))
		return twin_kernel_err(EADDRNOTAVAIL, NULL);
	if (is_taken(l, twin_addr_in_port(a)))
		return taken_err();
	insert(w, l, a);
	return NULL;
}

struct err *twin_addr_add(struct twin_world *w, struct twin_link *l,
			  const struct twin_addr *a, unsigned int flags)
{
	struct twin_addr new = *a;

	if (!a->valid_s || a->preferred_s > a->valid_s)
		return twin_kernel_err(EINVAL, NULL);
	return a->prefix.addr.family == AF_INET ? add_ipv4(w, l, &new, flags)
						: add_ipv6(w, l, &new, flags);
}

/* Takes the address out of the list. */
static struct twin_addr take(struct twin_link *l, size_t at)
{
	struct twin_addr a = l->addresses[at];

	l->n_addresses--;
	memmove(&l->addresses[at], &l->addresses[at + 1],
		(l->n_addresses - at) * sizeof(a));
	return a;
}

/* Linux __inet_del_ifa(): the secondaries of a primary go with it, or one of them takes
 * its place (promote_secondaries). */
static void delete_ipv4(struct twin_world *w, struct twin_link *l, size_t at)
{
	bool is_promoted = twin_sysctl_is_on(l, "ipv4.promote_secondaries");
	struct twin_addr gone = take(l, at), primary = *primary_of(l, &gone);
	struct twin_addr *heir = NULL;

	for (size_t i = 0; !gone.is_secondary && i < l->n_addresses;) {
		struct twin_addr *a = &l->addresses[i];

		if (!a->is_secondary || !is_same_subnet(a, &gone)) {
			i++;
			continue;
		}
		if (is_promoted) {
			heir = heir ? heir : a;
			/* Its routes name the old primary as their source. */
			twin_route_del_own(l, a, &gone);
			i++;
		} else {
			struct twin_addr secondary = take(l, i);

			twin_event_address(w, l, &secondary, true);
			twin_route_del_address(l, &secondary, &gone);
		}
	}
	twin_event_address(w, l, &gone, true);
	twin_route_del_address(l, &gone, gone.is_secondary ? &primary : &gone);
	if (!heir)
		return;
	heir->is_secondary = false;
	twin_event_address(w, l, heir, false);
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (is_same_subnet(&l->addresses[i], heir))
			twin_route_add_address(l, &l->addresses[i], heir);
	}
}

static void delete_ipv6(struct twin_world *w, struct twin_link *l, size_t at)
{
	struct twin_addr a = take(l, at);

	twin_event_address(w, l, &a, true);
	twin_route_del_address(l, &a, &a);
}

/* IPv4 compares the subnet of IFA_ADDRESS; IPv6 the address itself. */
static bool is_named(const struct twin_addr *a, const struct twin_addr *key)
{
	return a->prefix.len == key->prefix.len &&
	       !ip_addr_cmp(&a->prefix.addr, &key->prefix.addr) &&
	       (a->prefix.addr.family == AF_INET6 || is_same_subnet(a, key));
}

struct err *twin_addr_del(struct twin_world *w, struct twin_link *l,
			  const struct ip_prefix *p, const struct ip_addr *peer)
{
	const struct twin_addr key = {.prefix = *p, .peer = *peer};

	if (p->addr.family == AF_INET6 && !l->has_ipv6)
		return twin_kernel_err(ENXIO, NULL);
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!is_named(&l->addresses[i], &key))
			continue;
		if (p->addr.family == AF_INET)
			delete_ipv4(w, l, i);
		else
			delete_ipv6(w, l, i);
		return NULL;
	}
	return twin_kernel_err(EADDRNOTAVAIL, NULL);
}

void twin_addr_up(struct twin_link *l, int family)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		struct twin_addr *a = &l->addresses[i];

		if (family && a->prefix.addr.family != family)
			continue;
		twin_addr_probe(l, a);
		/* Linux addrconf_permanent_addr(). */
		if (a->prefix.addr.family == AF_INET6 && a->valid_s != UINT32_MAX)
			twin_route_add_local(l, a);
		else
			twin_route_add_address(l, a, primary_of(l, a));
	}
}

/* The messages name no process. IPv6 sends none for an address that is tentative
 * (kernel.md 8). */
static void report_gone(struct twin_world *w, const struct twin_link *l,
			const struct twin_addr *a)
{
	bool was_own = w->is_own;

	w->is_own = false;
	if (!a->is_tentative && !a->is_duplicate)
		twin_event_address(w, l, a, true);
	w->is_own = was_own;
}

static void drop_ipv6_addresses(struct twin_world *w, struct twin_link *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].prefix.addr.family == AF_INET6)
			report_gone(w, l, &l->addresses[i]);
		else
			l->addresses[kept++] = l->addresses[i];
	}
	l->n_addresses = kept;
}

/* Linux inetdev_destroy(), primary addresses first. A route through any device goes with
 * the primary address that it has as its source, and stays with a secondary one, which
 * fib_del_ifaddr() does not take out of the tables without its primary. */
static void drop_ipv4_addresses(struct twin_world *w, struct twin_link *l)
{
	for (int are_secondary = 0; are_secondary < 2; are_secondary++) {
		for (size_t i = 0; i < l->n_addresses;) {
			struct twin_addr gone = l->addresses[i];

			if (gone.prefix.addr.family != AF_INET ||
			    gone.is_secondary != are_secondary) {
				i++;
				continue;
			}
			(void)take(l, i);
			report_gone(w, l, &gone);
			if (!are_secondary)
				twin_route_del_address(l, &gone, &gone);
		}
	}
}

void twin_addr_down(struct twin_world *w, struct twin_link *l)
{
	/* Of another device its own message is enough. */
	if (twin_link_is_lo(l))
		twin_event_routes_gone(w, l);
	twin_route_drop_down(l);
	l->is_ipv6_ready = false;
	if (!twin_sysctl_is_on(l, "ipv6.keep_addr_on_down"))
		drop_ipv6_addresses(w, l);
}

void twin_addr_drop_ipv6(struct twin_world *w, struct twin_link *l, bool is_whole)
{
	drop_ipv6_addresses(w, l);
	twin_route_drop_link(l, AF_INET6);
	l->is_ipv6_ready = false;
	if (is_whole) {
		l->has_ipv6 = false;
		twin_sysctl_drop(&l->sysctls, "ipv6.");
	}
}

/* Linux inetdev_destroy(). */
static void drop_ipv4(struct twin_world *w, struct twin_link *l)
{
	drop_ipv4_addresses(w, l);
	twin_route_drop_link(l, AF_INET);
	l->lacks_ipv4 = true;
	twin_sysctl_drop(&l->sysctls, "ipv4.");
}

void twin_addr_drop_all(struct twin_world *w, struct twin_link *l)
{
	drop_ipv4_addresses(w, l);
	drop_ipv6_addresses(w, l);
	twin_route_drop_link(l, 0);
	l->is_ipv6_ready = false;
	twin_sysctl_drop(&l->sysctls, "");
}

void twin_addr_own_mtu(struct twin_world *w, struct twin_link *l)
{
	if (l->mtu < MODEL_MTU_MIN && !l->lacks_ipv4)
		drop_ipv4(w, l);
	else if (l->mtu >= MODEL_MTU_MIN)
		l->lacks_ipv4 = false;
	if (l->mtu < MODEL_IPV6_MTU_MIN)
		twin_addr_drop_ipv6(w, l, true);
	else
		err_free(need_ipv6(l));
}

static bool can_have_ipv6(const struct twin_link *l)
{
	bool is_off = l->has_ipv6 && atoi(twin_sysctl_get(l->ns, l, "ipv6.disable_ipv6"));

	return l->is_up && l->has_carrier && !is_off;
}

/* Linux addrconf_notify(), NETDEV_UP and NETDEV_CHANGE, with IF_READY. */
void twin_addr_ready(struct twin_world *w, struct twin_link *l)
{
	if (l->is_ipv6_ready || !can_have_ipv6(l))
		return;
	if (l->mtu < MODEL_IPV6_MTU_MIN) {
		twin_addr_drop_ipv6(w, l, true);
		return;
	}
	err_free(need_ipv6(l));
	l->is_ipv6_ready = true;
}

/* Linux addrconf_dad_run() with 'restart'. An address that has been probed passes at once,
 * and so does one that has failed, since it fails in l2 only (kernel.md 23). */
void twin_addr_noarp(struct twin_world *w, struct twin_link *l)
{
	if (!l->is_ipv6_ready) {
		twin_addr_ready(w, l);
		return;
	}
	for (size_t i = 0; can_have_ipv6(l) && i < l->n_addresses; i++) {
		struct twin_addr *a = &l->addresses[i];

		if (a->prefix.addr.family != AF_INET6)
			continue;
		a->is_duplicate = a->is_tentative = false;
		twin_route_add_local(l, a);
		twin_event_address(w, l, a, false);
	}
}
