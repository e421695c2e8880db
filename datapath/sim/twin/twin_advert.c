/* Router advertisements: who receives one, and what he takes from it (kernel.md 11). */
#include "datapath/sim/twin/twin_advert.h"

#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What the sender names: AdvValidLifetime, AdvPreferredLifetime. */
#define LIFETIME_S 3600

static bool is_running(const struct twin_link *l)
{
	return l && l->is_up && l->has_carrier;
}

/* Linux ipv6_accept_ra(). */
static bool accepts(const struct twin_link *l)
{
	int accept = atoi(twin_sysctl_get(l->ns, l, "ipv6.accept_ra"));

	return is_running(l) && l->is_ipv6_ready &&
	       (accept > 1 ||
		(accept == 1 && !atoi(twin_sysctl_get(l->ns, l, "ipv6.forwarding"))));
}

/* An address of the device alone: the kernel's has the number of the slave in its MAC
 * address in place of these. */
static struct twin_addr address_of(const struct twin_link *l,
				   const struct ip_prefix *prefix)
{
	struct twin_addr a = {.prefix = *prefix,
			      .protocol = TWIN_ADDR_PROTO_RA,
			      .valid_s = LIFETIME_S,
			      .preferred_s = LIFETIME_S};
	uint32_t id[] = {(uint32_t)l->ns->id, l->ifindex};

	memcpy(a.prefix.addr.bytes + sizeof(id), id, sizeof(id));
	return a;
}

/* Linux rt6_add_dflt_router(). It is told nobody: no event of a route of this protocol is
 * looked at. */
static void add_default(struct twin_link *l)
{
	const struct twin_route r = {
		.route = {.to.addr.family = AF_INET6,
			  .via = {.family = AF_INET6, .bytes = {0xfe, 0x80, [15] = 1}},
			  .table = MODEL_ROUTE_TABLE_MAIN},
		.link = l,
		.protocol = TWIN_PROTO_RA,
		.type = TWIN_ROUTE_UNICAST};

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		if (l->ns->routes[i].link == l &&
		    l->ns->routes[i].protocol == TWIN_PROTO_RA)
			return;
	}
	twin_route_put(l->ns, &r, true);
}

/* Linux ndisc_router_discovery(). */
static void receive(struct twin_world *w, struct twin_link *l,
		    const struct ip_prefix *prefix)
{
	struct twin_addr a = address_of(l, prefix);

	if (!accepts(l))
		return;
	if (!twin_addr_find(l, &a.prefix))
		err_free(twin_addr_add(w, l, &a, TWIN_CREATE));
	add_default(l);
}

struct err *twin_advert_send(struct twin_world *w, struct twin_link *l,
			     const struct ip_prefix *prefix)
{
	struct twin_link *end = l->peer;

	/* It has no link-local address to send from. */
	if (!is_running(l) || !l->has_ipv6)
		return twin_kernel_err(EADDRNOTAVAIL, NULL);
	if (!is_running(end))
		return NULL;
	receive(w, end, prefix);
	/* Slaves in l3 and l3s are given no frames for many. */
	for (struct twin_link *u = end->uppers; u; u = u->next_upper) {
		if (twin_link_is_ipvlan(u) && end->mode == MODEL_MODE_L2)
			receive(w, u, prefix);
	}
	return NULL;
}
