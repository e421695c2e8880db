/* Adoption, release, and what was handed over. Nothing is taken away to be put back: a device
 * gets another link group, a route is replaced by the same one with another protocol number,
 * and of a rule the new one is there before the old one goes. */
#include "datapath/plan/plan_transfer.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_message.h"

#include <assert.h>
#include <string.h>

static const char *text_group(struct plan_context *ctx, const char *netns,
			      const char *name, uint32_t group)
{
	return arena_printf(
		ctx->arena,
		"has the link group %u, which another program, or another ipvl, has "
		"given "
		"it: `%s` takes it off",
		group,
		plan_message_command(
			ctx, netns,
			arena_printf(ctx->arena, "link set %s group 0", name)));
}

/* What follows "ns1/a"; NULL: it can be taken over. */
static const char *obstacle(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_slave *have = s->have;
	const char *kind = *have->seen.kind ? have->seen.kind : "device";
	const struct link_type *t = link_type_of(s->master->want);
	struct link_mode mode = {have->seen.mode, have->seen.flag};
	char buf[8];

	assert(have->seen.presence == MODEL_FOREIGN);
	if (strcmp(kind, t->kind) != 0)
		return arena_printf(ctx->arena, "is %s %s, not %s %s",
				    plan_message_article(kind), kind,
				    plan_message_article(t->kind), t->kind);
	if (have->seen.has_other_name)
		return "is an alternative name of a device with another name";
	if (!have->seen.is_on_master)
		return arena_printf(ctx->arena, "is not on %s: declare it on its master",
				    model_master_label(ctx->arena, s->master->want));
	if (!t->can_change(mode, (struct link_mode){(uint8_t)s->master->want->mode,
						    (uint8_t)s->master->want->flag}))
		return arena_printf(ctx->arena,
				    "has mode %s, which cannot be changed in place",
				    model_mode_name(mode.mode, buf));
	if (s->master->removes_device)
		return arena_printf(ctx->arena, "goes with %s, which is made again",
				    model_master_label(ctx->arena, s->master->want));
	return have->seen.group ? text_group(ctx, s->netns, have->name, have->seen.group)
				: NULL;
}

bool plan_transfer_may_adopt(struct plan_context *ctx, const struct slave_plan *s)
{
	return s->want->adopts && !obstacle(ctx, s);
}

bool plan_transfer_of_slave(const struct master_plan *m)
{
	struct link_mode want = {(uint8_t)m->want->mode, (uint8_t)m->want->flag};

	for (size_t i = 0; i < m->have->n_slaves; i++) {
		const struct model_slave *have = &m->have->slaves[i];
		const struct model_slave *s =
			model_find_slave(m->want, have->netns, have->name);
		struct link_mode its = {have->seen.mode, have->seen.flag};

		if (s && s->adopts && have->seen.presence == MODEL_FOREIGN &&
		    have->seen.is_on_master &&
		    link_type_of(m->want)->can_change(its, want))
			return true;
	}
	return false;
}

/* "ns1 already has a veth called a that ipvl did not make" */
static const char *text_foreign(struct plan_context *ctx, const char *netns,
				const char *kind, const char *name)
{
	kind = *kind ? kind : "device";
	return arena_printf(
		ctx->arena, "%s already has %s %s called %s that ipvl did not make",
		plan_message_netns(netns), plan_message_article(kind), kind, name);
}

const char *plan_transfer_conflict(struct plan_context *ctx, const struct slave_plan *s)
{
	const char *label = model_slave_label(ctx->arena, s->want);
	const char *why = obstacle(ctx, s);
	const char *what = text_foreign(ctx, s->netns, s->have->seen.kind, s->want->name);

	if (s->want->adopts)
		return arena_printf(ctx->arena, "%s cannot be taken over: it %s", label,
				    why);
	if (why)
		return arena_printf(ctx->arena,
				    "%s: rename or remove it, and ours takes its place",
				    what);
	return arena_printf(ctx->arena,
			    "%s: take it over with `ipvl-ctl adopt %s`, or rename or "
			    "remove it, and ours takes its place",
			    what, label);
}

static bool is_same_device(const struct master_plan *m)
{
	return !strcmp(m->have->seen.kind, model_master_made_kind(m->want)) &&
	       !strcmp(m->have->vlan_link, m->want->vlan_link) &&
	       m->have->vlan_id == m->want->vlan_id;
}

static const char *master_obstacle(struct plan_context *ctx, const struct master_plan *m)
{
	const struct model_master *have = m->have;

	assert(have->seen.presence == MODEL_FOREIGN);
	if (!is_same_device(m))
		return arena_printf(ctx->arena, "is %s, not %s",
				    plan_message_device(ctx, have->seen.kind, have),
				    plan_message_device(ctx,
							model_master_made_kind(m->want),
							m->want));
	return have->seen.group
		       ? text_group(ctx, m->want->netns, have->name, have->seen.group)
		       : NULL;
}

bool plan_transfer_may_adopt_master(struct plan_context *ctx, const struct master_plan *m)
{
	return m->want->adopts && !master_obstacle(ctx, m);
}

const char *plan_transfer_master_conflict(struct plan_context *ctx,
					  const struct master_plan *m)
{
	const char *label = model_master_label(ctx->arena, m->want);
	const char *key = *m->want->vlan_link ? "vlan" : "kind";
	const char *why = master_obstacle(ctx, m);
	const char *what =
		text_foreign(ctx, m->want->netns, m->have->seen.kind, m->want->name);

	if (m->want->adopts)
		return arena_printf(ctx->arena, "%s cannot be taken over: it %s", label,
				    why);
	if (why)
		return arena_printf(
			ctx->arena,
			"%s: rename or remove it, or leave out `%s` to use it "
			"as it is",
			what, key);
	return arena_printf(
		ctx->arena,
		"%s: take it over with `ipvl-ctl adopt %s`, leave out `%s` to "
		"use it as it is, or rename or remove it",
		what, label, key);
}

void plan_draft_slave_adoption(struct plan_context *ctx, struct slave_plan *s)
{
	if (!s->adopts)
		return;
	assert(s->fate == FATE_KEEP && !s->link);
	s->link = plan_draft_new(ctx, PLAN_OP_LINK_ADOPT, s->master, s, "");
}

void plan_draft_master_adoption(struct plan_context *ctx, struct master_plan *m)
{
	if (m->adopts)
		m->adopt = plan_draft_new(ctx, PLAN_OP_LINK_ADOPT, m, NULL, "");
}

const struct model_route *plan_transfer_find_route(const struct master_plan *m,
						   const struct slave_plan *s,
						   const struct model_route *have,
						   size_t n_have,
						   const struct model_route *want)
{
	const struct model_route *found = NULL;

	if (!(s ? s->want->adopts : m->want->adopts))
		return NULL;
	for (size_t i = 0; i < n_have; i++) {
		if (model_route_key_cmp(&have[i], want) != 0)
			continue;
		/* Of several the kernel would replace the first, which may be another one. */
		if (found || !have[i].seen_foreign || have[i].seen_apart)
			return NULL;
		found = &have[i];
	}
	return found && model_route_is_reject(found) == model_route_is_reject(want)
		       ? found
		       : NULL;
}

const struct model_foreign_rule *plan_transfer_find_rule(const struct slave_plan *s,
							 const struct model_rule *want)
{
	const struct model_foreign_rule *found = NULL;

	if (!s->want->adopts || !s->found)
		return NULL;
	for (size_t i = 0; i < s->found->seen.n_foreign_rules; i++) {
		const struct model_foreign_rule *r = &s->found->seen.foreign_rules[i];

		if (!model_rule_cmp(&r->rule, want))
			found = r;
	}
	/* The kernel would take a special one for it (kernel.md 30). Then both stay. */
	for (size_t i = 0; found && i < s->found->seen.n_foreign_rules; i++) {
		const struct model_foreign_rule *r = &s->found->seen.foreign_rules[i];

		if (r->protocol == found->protocol && model_rule_covers(want, &r->rule))
			return NULL;
	}
	return found;
}

struct plan_draft *plan_draft_release(struct plan_context *ctx, enum plan_op op,
				      struct master_plan *m, struct slave_plan *s)
{
	struct plan_draft *d = plan_draft_new(ctx, op, m, s, "");
	struct plan_draft **last = s ? &s->release : &m->release;

	plan_draft_after(d, *last, NULL, NULL, NULL);
	/* The namespace is found by it, whether its device is there or not. */
	if (s && !d->step.have)
		d->step.have = s->found;
	*last = d;
	return d;
}

void plan_draft_route_releases(struct plan_context *ctx, struct master_plan *m,
			       struct slave_plan *s, const struct model_route *have,
			       size_t n_have)
{
	for (size_t i = 0; i < n_have; i++) {
		if (!have[i].seen_foreign && !have[i].seen_ifindex &&
		    !model_route_is_reject(&have[i]))
			plan_draft_release(ctx, PLAN_OP_ROUTE_RELEASE, m, s)
				->step.u.route = have[i];
	}
}

void plan_draft_link_releases(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		struct slave_plan *s = &ctx->slaves[i];

		if (s->fate == FATE_RELEASE)
			plan_draft_release(ctx, PLAN_OP_LINK_RELEASE, s->master, s);
	}
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		if (ctx->masters[i].releases_device)
			plan_draft_release(ctx, PLAN_OP_LINK_RELEASE, &ctx->masters[i],
					   NULL);
	}
}

static bool is_elsewhere(const struct slave_plan *s)
{
	bool is_at_place = s->have && s->have->seen.presence == MODEL_OURS;

	return !is_at_place &&
	       (plan_slave_is_released(s) ||
		(s->want && s->want->intent == MODEL_PRESENT && s->master->is_wanted &&
		 (s->fate == FATE_MAKE || s->fate == FATE_NONE)));
}

/* Of a row that wants it, or gives it up. The link group and the alias go with a device
 * (kernel.md 4). */
static struct slave_plan *find_handed_over(struct plan_context *ctx,
					   const struct slave_plan *leftover)
{
	const struct master_plan *m = leftover->master;
	const struct model_slave *want =
		m->want && leftover->have->seen.is_on_master && !m->removes_device
			? model_find_handed_over(ctx->arena, m->want,
						 leftover->have->alias)
			: NULL;
	struct slave_plan *s = want ? &m->slaves[want - m->want->slaves] : NULL;

	return s && is_elsewhere(s) ? s : NULL;
}

/* What keeps the row from its place is nothing to a device that has left it. A master that cannot
 * have slaves is: the device is not touched. */
static void give(struct slave_plan *s, struct slave_plan *leftover)
{
	leftover->fate = FATE_NONE;
	if (plan_slave_is_released(s)) {
		s->fate = FATE_RELEASE;
	} else if (s->master->kind == PLAN_READY && s->kind != PLAN_ERROR) {
		s->fate = FATE_ELSEWHERE;
		s->kind = PLAN_READY;
		s->message = "";
	}
	if (s->fate != FATE_NONE)
		s->have = leftover->have;
}

void plan_transfer_find_handed_over(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		struct slave_plan *leftover = &ctx->leftovers[i];
		struct slave_plan *s = find_handed_over(ctx, leftover);

		if (!s)
			continue;
		assert(leftover->have->seen.presence == MODEL_OURS);
		give(s, leftover);
	}
}
