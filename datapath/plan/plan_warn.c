/* Warnings: what stops traffic although every step of the plan succeeds, and is not for
 * ipvl to correct. They stand beside a verdict and change no state. */
#include "datapath/plan/plan_warn.h"

#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_ipv6.h"
#include "datapath/plan/plan_match.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_netns.h"
#include "datapath/plan/plan_trouble.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

void plan_warn_add(struct plan_context *ctx, struct plan_warnings *warnings,
		   const char *text)
{
	for (size_t i = 0; i < warnings->n; i++) {
		if (!strcmp(warnings->texts[i], text))
			return;
	}
	warnings->texts = arena_grow(ctx->arena, warnings->texts, warnings->n,
				     &warnings->cap, sizeof(*warnings->texts));
	warnings->texts[warnings->n++] = text;
}

/* The kernel accepts it, and the master drops longer packets without an ICMP error
 * (kernel.md 6). */
static void warn_of_mtu(struct plan_context *ctx, struct slave_plan *s)
{
	if (s->master->mtu && s->want->mtu > s->master->mtu && !plan_mtu_refuses(s))
		plan_warn_add(ctx, &s->warnings, plan_message_mtu_above(ctx, s));
}

/* The slave had the address first, or somebody has added it to the master since. */
static void warn_of_shared_addresses(struct plan_context *ctx, struct slave_plan *s)
{
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (plan_slave_has_address(s, p) && plan_master_has_address(s, &p->addr))
			plan_warn_add(ctx, &s->warnings,
				      plan_message_shared_address(ctx, s, p));
	}
}

/* With this the host answers for the whole subnet, and needs no route. */
static bool has_pvlan(const struct model_master *m)
{
	const struct model_sysctl *s =
		model_sysctl_find(m->sysctls, m->n_sysctls, "ipv4.proxy_arp_pvlan");

	return s && strcmp(s->value, "0") != 0;
}

/* The settings of the master ask for answers to ARP requests for its slaves. In mode l3 the
 * kernel gives a request to the slave that has the address, which has no ARP; in l3s it answers
 * for what it has a route to by another device (kernel.md 32). */
static void warn_of_proxy_arp(struct plan_context *ctx, struct slave_plan *s)
{
	const struct model_master *m = s->master->want;
	const struct model_sysctl *proxy =
		model_sysctl_find(m->sysctls, m->n_sysctls, "ipv4.proxy_arp");

	if (!proxy || !strcmp(proxy->value, "0") || !*s->want->netns)
		return;
	if (m->mode != MODEL_MODE_L3 &&
	    (m->mode != MODEL_MODE_L3S || m->has_access || has_pvlan(m)))
		return;
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_addr *addr = &s->want->addresses[i].addr;

		if (addr->family == AF_INET && plan_master_subnet_has(s, addr)) {
			plan_warn_add(ctx, &s->warnings,
				      plan_message_no_proxy_arp(ctx, s, addr));
			return;
		}
	}
}

/* kernel.md 35. */
static void warn_of_vrf(struct plan_context *ctx, struct slave_plan *s)
{
	if (!*s->want->vrf)
		return;
	if (!s->found->seen.vrf_is_up)
		plan_warn_add(
			ctx, &s->warnings,
			arena_printf(ctx->arena,
				     "the VRF %s is down, so no packet of %s passes: "
				     "set it up, with `ip link set %s up` in its "
				     "namespace",
				     s->want->vrf, s->want->name, s->want->vrf));
	if (s->master->want->mode == MODEL_MODE_L3S)
		plan_warn_add(
			ctx, &s->warnings,
			arena_printf(ctx->arena,
				     "in mode l3s a program that is bound to the VRF %s "
				     "receives nothing from outside: set the mode of %s "
				     "to l3 or l2",
				     s->want->vrf,
				     model_master_label(ctx->arena, s->master->want)));
}

/* The lowest device that has the fault: it is the cause for every VLAN above. */
static const struct model_master *
find_root(const struct plan_context *ctx, const struct model_master *m,
	  bool (*has_fault)(const struct model_master *m))
{
	assert(has_fault(m));
	for (int depth = 0; depth < PLAN_MAX_VLAN_DEPTH && *m->vlan_link; depth++) {
		const struct model_master *link =
			model_find_master(ctx->have, m->netns, m->vlan_link);

		if (!link || link->seen.presence == MODEL_ABSENT || !has_fault(link))
			break;
		m = link;
	}
	return m;
}

static bool is_down(const struct model_master *m)
{
	return !m->seen.is_up;
}

static bool has_no_carrier(const struct model_master *m)
{
	return m->seen.is_up && !m->seen.has_carrier;
}

/* True if a slave of ours is on it, or will be. Without one there is nothing to warn
 * of. */
static bool is_in_use(const struct master_plan *m)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].want && plan_slave_will_exist(&m->slaves[i]))
			return true;
	}
	return false;
}

/* A master that was set down by hand stays down (plan_master.c). A device that this plan
 * sets up is checked by the next observation. */
static void warn_of_master(struct plan_context *ctx, struct master_plan *m)
{
	const struct model_master *at = m->have, *root;

	if (at && *at->seen.other_device && is_in_use(m))
		plan_warn_add(ctx, &m->warnings, plan_match_elsewhere(ctx, m));
	if (m->kind == PLAN_CONFLICT || !at || !is_in_use(m) || m->link_set ||
	    (m->set && m->set->step.u.link.set_up))
		return;
	/* A new device that is not set up is a VLAN: the device below is down. */
	if (m->makes_device)
		at = model_find_master(ctx->have, m->want->netns, m->want->vlan_link);
	assert(at);
	if (is_down(at)) {
		root = find_root(ctx, at, is_down);
		plan_warn_add(ctx, &m->warnings, plan_message_master_down(ctx, m, root));
	} else if (has_no_carrier(at)) {
		root = find_root(ctx, at, has_no_carrier);
		plan_warn_add(ctx, &m->warnings, plan_message_no_carrier(ctx, m, root));
	}
}

static void warn_of_process(struct plan_context *ctx, struct plan_warnings *warnings,
			    const char *netns)
{
	const char *text = plan_process_warning(ctx, netns);

	if (text)
		plan_warn_add(ctx, warnings, text);
}

void plan_warn_all(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		struct master_plan *m = &ctx->masters[i];

		if (!m->is_wanted)
			continue;
		warn_of_master(ctx, m);
		if (m->kind == PLAN_READY)
			warn_of_process(ctx, &m->warnings, m->want->netns);
	}
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		struct slave_plan *s = &ctx->slaves[i];

		if (!s->want || !plan_slave_will_exist(s))
			continue;
		if (s->master->has_held_steps &&
		    s->master->want->drift == MODEL_DRIFT_REPORT)
			plan_warn_add(ctx, &s->warnings,
				      plan_message_left_master(ctx, s->master));
		for (size_t k = 0; k < s->master->warnings.n; k++)
			plan_warn_add(ctx, &s->warnings, s->master->warnings.texts[k]);
		if (plan_wants_resolv(s) && !plan_is_netns_name(s->netns))
			plan_warn_add(ctx, &s->warnings, plan_message_no_resolv(ctx, s));
		warn_of_mtu(ctx, s);
		warn_of_shared_addresses(ctx, s);
		warn_of_proxy_arp(ctx, s);
		warn_of_vrf(ctx, s);
		warn_of_process(ctx, &s->warnings, s->want->netns);
	}
}
