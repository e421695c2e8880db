/* IPv6 and the MTU. Below 1280 (RFC 8200, 5) the kernel takes IPv6 off a device, with its
 * addresses, routes and sysctls, or leaves it there without a use (kernel.md 22): nothing
 * of IPv6 is added then, and what is there is left. */
#include "datapath/plan/plan_context.h"

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
		if (want->routes[i].to.addr.family == AF_INET6)
			return true;
	}
	for (size_t i = 0; i < want->n_sysctls; i++) {
		if (is_ipv6_sysctl(&want->sysctls[i]))
			return true;
	}
	return false;
}

/* As it will be once the plan is done; 0: not known. */
static uint32_t mtu_to_be(const struct slave_work *s)
{
	if (s->want->mtu)
		return s->want->mtu;
	return s->master->mtu || !slave_is_kept(s) ? s->master->mtu : s->have->seen.mtu;
}

bool mtu_forbids_ipv6(const struct slave_work *s)
{
	uint32_t mtu = mtu_to_be(s);

	return mtu && mtu < MODEL_IPV6_MTU_MIN && wants_ipv6(s->want);
}

bool mtu_forbids_sysctl(const struct slave_work *s, const struct model_sysctl *sysctl)
{
	return is_ipv6_sysctl(sysctl) && mtu_forbids_ipv6(s);
}

/* It is mended by whoever gives the master its MTU; one in the slave's own row is wrong.
 */
void judge_mtu(struct plan_work *w, struct slave_work *s)
{
	if (s->kind != PLAN_READY || !mtu_forbids_ipv6(s))
		return;
	s->kind = s->want->mtu ? PLAN_ERROR : PLAN_WAITING;
	s->message = text_low_mtu(w, s, mtu_to_be(s));
}
