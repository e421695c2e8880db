/* Steps for the device of a slave, according to its fate. */
#include "datapath/plan/plan_slave.h"

#include "datapath/plan/plan_addr.h"
#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_hold.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_ipv6.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_netns.h"
#include "datapath/plan/plan_reject.h"
#include "datapath/plan/plan_route.h"
#include "datapath/plan/plan_rule.h"
#include "datapath/plan/plan_sysctl.h"
#include "datapath/plan/plan_transfer.h"
#include "datapath/plan/plan_vrf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A namespace takes its devices with it, but in the background. If the plan needs one of
 * their addresses at once, it deletes the device first (kernel.md 7). */
static bool goes_with_netns(const struct plan_context *ctx, const struct slave_plan *s)
{
	const struct netns_plan *netns = plan_find_netns(ctx, s->netns);

	if (!netns || !netns->del)
		return false;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		if (plan_address_is_claimed(ctx, &s->have->addresses[i].addr))
			return false;
	}
	return true;
}

/* It keeps new slaves off its master: of another family, or in mode passthru. */
static bool is_in_the_way(const struct slave_plan *s)
{
	const struct model_master *want = s->master->want;
	const struct link_type *t = want ? link_type_of(want) : NULL;
	struct link_mode mode = {s->have->seen.mode, s->have->seen.flag};

	if (!t || !s->have->seen.is_on_master)
		return false;
	return !link_type_is_sibling(t, s->have->seen.kind) ||
	       (!link_type_has(t, LINK_HAS_PORT) && !t->can_share(mode, mode));
}

static void go_with_netns(struct plan_context *ctx, struct slave_plan *s)
{
	struct plan_draft *del = plan_find_netns(ctx, s->netns)->del;
	struct plan_step *step = &del->step;

	step->u.going = arena_grow(ctx->arena, step->u.going, step->u.n_going,
				   &step->u.going_cap, sizeof(*step->u.going));
	step->u.going[step->u.n_going++] = s->have;
	if (plan_loss_slave(ctx, s))
		step->loss = "its slaves go away";
	s->removal = del;
	s->n_steps++;
}

static void draft_device_removal(struct plan_context *ctx, struct slave_plan *s)
{
	assert(s->have->seen.presence == MODEL_OURS && !s->removal);
	if (s->master->del && s->have->seen.is_on_master) {
		s->removal = s->master->del;
		s->n_steps++;
	} else if (goes_with_netns(ctx, s)) {
		go_with_netns(ctx, s);
	} else {
		s->removal = plan_draft_new(ctx, PLAN_OP_LINK_DEL, s->master, s, s->why);
		s->removal->step.loss = plan_loss_slave(ctx, s);
		if (is_in_the_way(s))
			s->master->room = s->removal;
	}
	for (size_t i = 0; i < s->have->n_addresses; i++)
		plan_free_address(ctx, &s->have->addresses[i].addr, s->removal);
}

/* The routes of a device under another name, and the foreign ones observed at its own
 * place. */
static void join_routes(struct plan_context *ctx, struct plan_routes *r,
			const struct slave_plan *s)
{
	const struct model_slave *have = s->have, *found = s->found;
	struct model_route *joined;

	assert(s->fate == FATE_RENAME);
	joined = arena_array(ctx->arena, have->n_routes + r->n_have, sizeof(*joined));
	for (size_t i = 0; i < have->n_routes; i++)
		joined[i] = have->routes[i];
	for (size_t i = 0; found && i < found->n_routes; i++)
		joined[have->n_routes + i] = found->routes[i];
	r->have = joined;
	r->n_have += have->n_routes;
}

static struct plan_routes slave_routes(struct plan_context *ctx,
				       const struct slave_plan *s)
{
	struct plan_routes r = {.want = plan_vrf_routes(ctx, s),
				.n_want = s->want->n_routes};

	if (s->found && s->fate == FATE_REMAKE) {
		r.have = plan_rejects_of(ctx, s->found, &r.n_have);
	} else if (s->found) {
		/* If the device is missing, these are foreign routes with a wanted
		 * key. */
		r.have = s->found->routes;
		r.n_have = s->found->n_routes;
	}
	if (s->fate == FATE_RENAME)
		join_routes(ctx, &r, s);
	plan_routes_forget_going(ctx, s->netns, &r);
	return r;
}

/* --- the alias and the alternative names: exactly those that are declared. They cost no
 * traffic. --- */

static bool has_altname(const struct model_slave *s, const char *name)
{
	for (size_t i = 0; i < s->n_altnames; i++) {
		if (!strcmp(s->altnames[i], name))
			return true;
	}
	return false;
}

static void draft_name_removals(struct plan_context *ctx, struct slave_plan *s)
{
	assert(plan_slave_is_kept(s));
	for (size_t i = 0; i < s->have->n_altnames; i++) {
		const char *name = s->have->altnames[i];
		struct plan_draft *d;

		if (has_altname(s->want, name))
			continue;
		d = plan_draft_new(ctx, PLAN_OP_ALTNAME_DEL, s->master, s,
				   "is not declared");
		d->step.u.altname = name;
		plan_draft_after(d, s->link, NULL, NULL, NULL);
	}
}

void plan_draft_slave_removals(struct plan_context *ctx, struct slave_plan *s)
{
	if (s->fate == FATE_REMOVE || s->fate == FATE_REMAKE) {
		draft_device_removal(ctx, s);
	} else if (s->fate == FATE_RELEASE) {
		plan_draft_route_releases(ctx, s->master, s, s->have->routes,
					  s->have->n_routes);
	} else if (plan_slave_is_kept(s) && plan_slave_is_handed_over(s)) {
		plan_draft_slave_adoption(ctx, s);
	} else if (plan_slave_is_kept(s)) {
		struct plan_routes routes;

		plan_vrf_forget_lost(ctx, s);
		routes = slave_routes(ctx, s);

		plan_draft_slave_adoption(ctx, s);
		plan_draft_route_removals(ctx, s->master, s, &routes);
		draft_name_removals(ctx, s);
		plan_draft_address_removals(ctx, s);
	}
}

static void draft_link_add(struct plan_context *ctx, struct slave_plan *s)
{
	struct netns_plan *netns = plan_find_netns(ctx, s->netns);
	struct master_plan *m = s->master;
	struct plan_draft *up = m->set && m->set->step.u.link.set_up ? m->set : NULL;

	assert(plan_slave_is_made(s) && s->want && !m->removes_device == !m->del);
	s->link = plan_draft_new(ctx, PLAN_OP_LINK_ADD, m, s,
				 s->fate == FATE_REMAKE ? s->why : "is missing");
	s->link->step.master = plan_hold_port(ctx, m);
	s->link->step.have = NULL;
	s->link->step.u.lost = plan_loss_cause(ctx, s);
	s->link->step.u.inherits_mtu = plan_mtu_refuses(s);
	/* If the master cannot be set up, nothing is made on it: the next plan must try
	 * to set it up again. */
	plan_draft_after(s->link, up, s->removal ? s->removal : m->room, m->add,
			 netns ? netns->add : NULL);
}

/* Where each device has its own (LINK_HAS_PORT). */
static void draft_mode(struct plan_context *ctx, struct slave_plan *s)
{
	const struct model_master *want = s->master->want;
	struct plan_draft *d;
	const char *change;

	if (link_type_has(link_type_of(want), LINK_HAS_PORT))
		return;
	change = model_port_change(ctx->arena, s->have->seen.mode, s->have->seen.flag,
				   (uint8_t)want->mode, (uint8_t)want->flag);
	if (!*change)
		return;
	d = plan_draft_new(ctx, PLAN_OP_PORT_SET, s->master, s, change);
	d->step.u.port.mode = s->have->seen.mode;
	d->step.u.port.flag = s->have->seen.flag;
	d->step.loss = plan_loss_mode(s);
	plan_draft_after(d, s->link, NULL, NULL, NULL); /* its adoption */
}

static void draft_rename(struct plan_context *ctx, struct slave_plan *s)
{
	struct model_slave *renamed = arena_memdup(ctx->arena, s->have, sizeof(*s->have));

	assert(s->fate == FATE_RENAME && s->have->seen.can_rename);
	s->link = plan_draft_new(ctx, PLAN_OP_LINK_RENAME, s->master, s, s->why);
	/* Later steps find the device by its new name. */
	renamed->netns = s->want->netns;
	renamed->name = s->want->name;
	s->have = renamed;
}

/* IFF_NOARP, which no row declares. A mode that is about to change brings it along. */
static bool flips_arp(const struct slave_plan *s)
{
	const struct model_master *want = s->master->want;
	const struct link_type *t = link_type_of(want);

	if (link_type_has(t, LINK_HAS_PORT) && !s->master->is_held &&
	    s->have->seen.mode != (uint8_t)want->mode)
		return false;
	return link_type_has_wrong_arp(t, s->have);
}

/* "is down, mtu 1500 -> 1400" */
static const char *why_link_set(struct plan_context *ctx, const struct plan_step *s,
				const char *down)
{
	const char *why = s->u.link.set_up ? down : "";

	if (s->u.link.flips_arp)
		why = arena_printf(ctx->arena, "%s%sarp %s", why, *why ? ", " : "",
				   s->u.link.has_arp ? "off -> on" : "on -> off");
	if (s->u.link.mtu)
		why = arena_printf(ctx->arena, "%s%smtu %u -> %u", why, *why ? ", " : "",
				   s->u.link.mtu_was, s->u.link.mtu);
	return why;
}

static void draft_link_set(struct plan_context *ctx, struct slave_plan *s,
			   struct plan_draft *last_sysctl)
{
	bool is_new = plan_slave_is_made(s);
	bool set_up = is_new ? s->want->n_sysctls > 0 : !s->have->seen.is_up;
	bool arp = !is_new && flips_arp(s);
	struct master_plan *m = s->master;
	uint32_t want = plan_mtu_refuses(s) || !s->want->mtu ? m->mtu : s->want->mtu,
		 have = want;
	struct plan_step *step;

	assert(is_new || s->have);
	/* A new device is made with its MTU. */
	if (!is_new)
		have = plan_mtu_inherited(s);
	if (!want) /* the MTU of the master is unknown */
		want = have;
	if (!set_up && !arp && want == have)
		return;
	s->up = plan_draft_new(ctx, PLAN_OP_LINK_SET, m, s, "");
	step = &s->up->step;
	if (is_new)
		step->have = NULL;
	step->is_precaution = !set_up && !arp && want == s->have->seen.mtu;
	step->u.link.set_up = set_up;
	step->u.link.flips_arp = arp;
	step->u.link.has_arp = arp && s->have->seen.is_noarp;
	if (want != have) {
		step->u.link.mtu = want;
		step->u.link.mtu_was = have;
		step->loss = is_new ? NULL : plan_loss_mtu(s, have, want);
	}
	step->why = why_link_set(ctx, step, is_new ? "is made" : "is down");
	plan_draft_after(s->up, is_new ? last_sysctl : NULL, s->vrf ? s->vrf : s->link,
			 m->set, NULL);
}

/* The kernel ignores both in the message that makes the device. */
static void draft_alias(struct plan_context *ctx, struct slave_plan *s, const char *have)
{
	struct plan_draft *d;

	if (!strcmp(have, s->want->alias))
		return;
	d = plan_draft_new(ctx, PLAN_OP_ALIAS_SET, s->master, s, "differs");
	d->step.u.alias = s->want->alias;
	d->step.u.alias_was = have;
	if (!plan_slave_is_kept(s))
		d->step.have = NULL;
	plan_draft_after(d, s->link, NULL, NULL, NULL);
}

static void draft_names(struct plan_context *ctx, struct slave_plan *s)
{
	const struct model_slave *have = plan_slave_is_kept(s) ? s->have : NULL;

	for (size_t i = 0; i < s->want->n_altnames; i++) {
		const char *name = s->want->altnames[i];
		struct plan_draft *d;

		if (have && has_altname(have, name))
			continue;
		d = plan_draft_new(ctx, PLAN_OP_ALTNAME_ADD, s->master, s, "is missing");
		d->step.u.altname = name;
		if (!have)
			d->step.have = NULL;
		plan_draft_after(d, s->link, NULL, NULL, NULL);
	}
	draft_alias(ctx, s, have ? have->alias : "");
}

static void draft_handed_over(struct plan_context *ctx, struct slave_plan *s)
{
	if (plan_slave_is_kept(s))
		draft_mode(ctx, s);
	else
		draft_link_add(ctx, s);
	draft_alias(ctx, s, plan_slave_is_kept(s) ? s->have->alias : "");
}

void plan_draft_slave_creations(struct plan_context *ctx, struct slave_plan *s)
{
	struct plan_routes routes;

	if (!plan_slave_will_exist(s) || s->fate == FATE_ELSEWHERE)
		return;
	if (plan_slave_is_handed_over(s)) {
		draft_handed_over(ctx, s);
		return;
	}
	routes = slave_routes(ctx, s);
	if (plan_slave_is_kept(s))
		draft_mode(ctx, s);
	if (s->fate == FATE_RENAME)
		draft_rename(ctx, s);
	else if (!plan_slave_is_kept(s))
		draft_link_add(ctx, s);
	draft_names(ctx, s);
	plan_draft_vrf(ctx, s);
	draft_link_set(ctx, s, plan_draft_slave_sysctls(ctx, s));
	plan_draft_address_creations(ctx, s);
	plan_draft_returning_sysctls(ctx, s);
	plan_draft_route_creations(ctx, s->master, s, &routes,
				   plan_addresses_take_routes(s));
	plan_draft_rule_creations(ctx, s);
	plan_check_mtu(ctx, s);
	if (plan_slave_is_kept(s))
		plan_find_bad_addresses(ctx, s);
}
