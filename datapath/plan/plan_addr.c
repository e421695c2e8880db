/* The addresses of a slave: those that are missing, those that are not declared, and
 * those that are present but differ from what ipvl adds. */
#include "datapath/plan/plan_addr.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_ipv6.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What adding the same address again corrects. */
#define MENDABLE                                                                         \
	(MODEL_ADDRESS_LIFETIME | MODEL_ADDRESS_METRIC | MODEL_ADDRESS_NO_SUBNET |       \
	 MODEL_ADDRESS_NO_LOCAL)

/* The row wants no link-local address. The kernel adds none from then on, and removes none. */
static bool wants_no_link_local(const struct model_slave *s)
{
	const struct model_sysctl *mode =
		model_sysctl_find(s->sysctls, s->n_sysctls, "ipv6.addr_gen_mode");

	return mode && !strcmp(mode->value, MODEL_SYSCTL_NO_LINK_LOCAL);
}

/* Link-local addresses belong to the kernel or to another program, unless a row declares
 * them, or wants none. So do addresses that another program has marked as its own. */
static bool is_undeclared(const struct slave_plan *s, const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);

	if (ip_addr_is_link_local(&p->addr) &&
	    (p->addr.family == AF_INET || !wants_no_link_local(s->want)))
		return false;
	return !plan_find_address(s->want, p) &&
	       !(seen && seen->notes & MODEL_ADDRESS_OTHERS);
}

/* True if a step of this plan removes 'p', an address of a device that is kept. */
static bool is_removed(const struct slave_plan *s, const struct ip_prefix *p)
{
	return is_undeclared(s, p) ||
	       (plan_find_address(s->want, p) && plan_address_is_spoilt(s, p));
}

static const char *why_removed(struct plan_context *ctx, const struct slave_plan *s,
			       const struct ip_prefix *p)
{
	return is_undeclared(s, p) ? "is not declared"
				   : plan_message_noted(ctx, s, p, ~0U);
}

void plan_draft_address_removals(struct plan_context *ctx, struct slave_plan *s)
{
	assert(plan_slave_is_kept(s) && s->want && s->have);
	if (!s->want->addresses_managed)
		return;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		const struct ip_prefix *p = &s->have->addresses[i];
		const struct model_address_seen *seen;
		struct plan_draft *d;

		if (!is_removed(s, p))
			continue;
		seen = model_find_noted(s->have, p);
		d = plan_draft_new(ctx, PLAN_OP_ADDR_DEL, s->master, s,
				   why_removed(ctx, s, p));
		d->step.u.address = *p;
		d->step.u.peer = seen ? seen->peer : (struct ip_addr){0};
		d->step.loss = plan_loss_address(ctx, s, p);
		plan_draft_after(d, s->link, NULL, NULL, NULL);
		plan_free_address(ctx, &p->addr, d);
	}
}

/* With promote_secondaries=0 the kernel removes all other addresses of a subnet together
 * with its primary IPv4 address. Which one is primary is not reported (kernel.md 8).
 * Returns the first removal that may take 'p' along; NULL if there is none. */
static const struct ip_prefix *find_risk(const struct slave_plan *s,
					 const struct ip_prefix *p)
{
	struct ip_prefix net = ip_prefix_network(p);

	for (size_t i = 0; p->addr.family == AF_INET && i < s->have->n_addresses; i++) {
		const struct ip_prefix *other = &s->have->addresses[i];
		struct ip_prefix other_net = ip_prefix_network(other);

		if (is_removed(s, other) && !ip_prefix_cmp(&net, &other_net))
			return other;
	}
	return NULL;
}

bool plan_addresses_take_routes(const struct slave_plan *s)
{
	bool removes_any = false;

	if (!plan_slave_is_kept(s) || !s->want->addresses_managed)
		return false;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		const struct ip_prefix *p = &s->have->addresses[i];

		if (p->addr.family != AF_INET)
			continue;
		if (is_removed(s, p))
			removes_any = true;
		else if (!find_risk(s, p))
			return false;
	}
	return removes_any;
}

static bool is_to_be_mended(const struct slave_plan *s, const struct ip_prefix *p)
{
	return model_address_notes(s->want, s->have, p) & MENDABLE;
}

/* Why a declared address is added; NULL if it is not. 'risk': the removal that may take
 * it along. */
static const char *why_added(struct plan_context *ctx, const struct slave_plan *s,
			     const struct ip_prefix *p, const struct ip_prefix *risk)
{
	char buf[IP_TEXT_BYTES];

	if (!plan_slave_has_address(s, p))
		return plan_slave_is_kept(s) && plan_find_address(s->have, p)
			       ? "is made again"
			       : "is missing";
	if (is_to_be_mended(s, p))
		return plan_message_noted(ctx, s, p, MENDABLE);
	if (!risk)
		return NULL;
	return arena_printf(ctx->arena, "may go with %s", ip_prefix_format(risk, buf));
}

/* Sets a conflict: the master has the address, or a foreign ipvlan. */
static void set_held(struct plan_context *ctx, struct slave_plan *s,
		     const struct ip_prefix *address)
{
	assert(plan_address_is_held(s, address));
	if (s->kind != PLAN_READY)
		return;
	s->kind = PLAN_CONFLICT;
	s->message = plan_master_has_address(s, &address->addr)
			     ? plan_message_held_address(ctx, s, address)
			     : plan_message_strangers_address(
				       ctx, plan_find_stranger_with(s, &address->addr));
}

void plan_draft_address_creations(struct plan_context *ctx, struct slave_plan *s)
{
	assert(plan_slave_will_exist(s) && s->want);
	s->addr_adds.first = ctx->ops[PLAN_OP_ADDR_ADD].n;
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];
		const struct ip_prefix *risk =
			plan_slave_has_address(s, p) ? find_risk(s, p) : NULL;
		const char *why = why_added(ctx, s, p, risk);
		struct plan_draft *d;

		if (p->addr.family == AF_INET6 && plan_mtu_forbids_ipv6(s))
			continue;
		if (plan_address_is_held(s, p)) {
			set_held(ctx, s, p);
			continue;
		}
		if (!why)
			continue;
		d = plan_draft_new(ctx, PLAN_OP_ADDR_ADD, s->master, s, why);
		if (!plan_slave_is_kept(s))
			d->step.have = NULL;
		d->step.is_precaution = risk && !is_to_be_mended(s, p);
		d->step.u.address = *p;
		d->step.u.address_options = model_find_options(s->want, p);
		plan_draft_after(d, s->link,
				 plan_find_freed(ctx, risk ? &risk->addr : &p->addr),
				 plan_draft_device(s), NULL);
		s->addr_adds.n++;
	}
}

/* The first declared address that was observed with one of 'notes'; NULL if there is
 * none. */
static const struct ip_prefix *find_noted(const struct slave_plan *s, unsigned int notes)
{
	for (size_t i = 0; i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];
		const struct model_address_seen *seen = model_find_noted(s->have, p);

		if (seen && seen->notes & notes)
			return p;
	}
	return NULL;
}

void plan_find_bad_addresses(struct plan_context *ctx, struct slave_plan *s)
{
	const struct ip_prefix *detour = find_noted(s, MODEL_ADDRESS_DETOUR);
	const struct ip_prefix *duplicate = find_noted(s, MODEL_ADDRESS_DUPLICATE);

	assert(plan_slave_is_kept(s));
	if (s->kind != PLAN_READY)
		return;
	if (detour) {
		/* As with every foreign route: it is not ours to remove, and a second
		 * route behind it has no effect. */
		s->kind = PLAN_CONFLICT;
		s->message = plan_message_detour(ctx, s, detour);
	} else if (duplicate) {
		s->kind = PLAN_ERROR;
		s->message = plan_message_duplicate(ctx, &duplicate->addr);
	}
}
