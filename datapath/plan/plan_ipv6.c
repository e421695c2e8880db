/* IPv6 and the MTU. Below 1280 (RFC 8200, 5) the kernel removes IPv6 from a device, with
 * its addresses, routes and sysctls, or keeps it without effect (kernel.md 22). Then
 * nothing of IPv6 is added, and what is present stays. */
#include "datapath/plan/plan_ipv6.h"

#include "datapath/plan/plan_message.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

static bool is_ipv6_sysctl(const struct model_sysctl *s)
{
	return !strncmp(s->key, "ipv6.", strlen("ipv6."));
}

static bool wants_ipv6(const struct model_slave *want)
{
	for (size_t i = 0; want->addresses_managed && i < want->n_addresses; i++) {
		if (want->addresses[i].addr.family == AF_INET6)
			return true;
	}
	for (size_t i = 0; i < want->n_routes; i++) {
		/* One without a device is not affected. */
		if (want->routes[i].to.addr.family == AF_INET6 &&
		    !model_route_is_reject(&want->routes[i]))
			return true;
	}
	for (size_t i = 0; i < want->n_sysctls; i++) {
		if (is_ipv6_sysctl(&want->sysctls[i]))
			return true;
	}
	return false;
}

bool plan_mtu_refuses(const struct slave_plan *s)
{
	const struct master_plan *m = s->master;

	return m->mtu &&
	       link_type_refuses_mtu(link_type_of(m->want), s->want->mtu, m->mtu);
}

/* The MTU once the plan is done; 0: unknown. */
static uint32_t mtu_to_be(const struct slave_plan *s)
{
	assert(s->want && plan_slave_will_exist(s));
	if (s->want->mtu && !plan_mtu_refuses(s))
		return s->want->mtu;
	return s->master->mtu || !plan_slave_is_kept(s) ? s->master->mtu
							: s->have->seen.mtu;
}

uint32_t plan_mtu_inherited(const struct slave_plan *s)
{
	const struct master_plan *m = s->master;

	assert(plan_slave_is_kept(s));
	if (!link_type_has(link_type_of(m->want), LINK_FOLLOWS_MTU))
		return m->mtu && m->mtu < s->have->seen.mtu ? m->mtu : s->have->seen.mtu;
	return m->mtu != m->have->seen.mtu ? m->mtu : s->have->seen.mtu;
}

bool plan_mtu_forbids_ipv6(const struct slave_plan *s)
{
	uint32_t mtu = mtu_to_be(s);

	return mtu && mtu < MODEL_IPV6_MTU_MIN && wants_ipv6(s->want);
}

bool plan_sysctl_waits_for_ipv6(const struct slave_plan *s,
				const struct model_sysctl *want,
				const struct model_sysctl *have)
{
	return is_ipv6_sysctl(want) && plan_slave_is_kept(s) &&
	       ((have && !*have->value) || plan_mtu_inherited(s) < MODEL_IPV6_MTU_MIN);
}

bool plan_mtu_forbids_sysctl(const struct slave_plan *s,
			     const struct model_sysctl *sysctl)
{
	return is_ipv6_sysctl(sysctl) && plan_mtu_forbids_ipv6(s);
}

/* The MTU of the master may still change, so the slave waits. An MTU in the slave's own
 * row is an error. */
void plan_check_mtu(struct plan_context *ctx, struct slave_plan *s)
{
	if (s->kind != PLAN_READY)
		return;
	if (plan_mtu_refuses(s)) {
		s->kind = PLAN_ERROR;
		s->message = plan_message_mtu_refused(ctx, s);
	}
	if (!plan_mtu_forbids_ipv6(s))
		return;
	s->kind = s->want->mtu ? PLAN_ERROR : PLAN_WAITING;
	s->message = plan_message_low_mtu(ctx, s, mtu_to_be(s));
}
