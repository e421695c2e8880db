/* Sets aside what would repair drift, for rows that want it reported or ignored.
 *
 * Drift is what differs from a row that was once as declared (model_settled). A first
 * creation, an edit, a master or a namespace that is another by now, and what ipvl's own
 * steps take along are no drift. */
#include "datapath/plan/plan_hold.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_message.h"

#include <assert.h>
#include <string.h>

/* A namespace that is gone is drift; one that was made again in its place is another. */
static bool is_same_netns(const struct plan_context *ctx, const char *netns,
			  const struct model_settled *settled)
{
	const struct model_netns *want = model_find_netns(ctx->want, netns);
	const struct model_netns *have = model_find_netns(ctx->have, netns);

	if (!*netns || !have || !have->seen.exists)
		return true;
	return have->seen.inode == settled->netns_inode && !(want && want->has_changed);
}

bool plan_must_hold_master(const struct plan_context *ctx, const struct master_plan *m)
{
	const struct model_master *want = m->want;
	const struct model_master *below = model_master_below(ctx->have, want, m->have);

	if (want->drift == MODEL_DRIFT_REPAIR || !want->settled.is_settled ||
	    want->adopts)
		return false;
	return (below ? below->seen.ifindex : 0) == want->settled.below_ifindex &&
	       is_same_netns(ctx, want->netns, &want->settled);
}

static bool must_hold_slave(const struct plan_context *ctx, const struct slave_plan *s)
{
	const struct master_plan *m = s->master;

	return s->want->drift != MODEL_DRIFT_REPAIR && s->want->settled.is_settled &&
	       !s->want->adopts && !m->makes_device && !m->removes_device && m->have &&
	       m->have->seen.ifindex == s->want->settled.below_ifindex &&
	       is_same_netns(ctx, s->netns, &s->want->settled);
}

void plan_hold_slave(struct plan_context *ctx, struct slave_plan *s)
{
	assert(s->want && s->kind == PLAN_READY);
	s->is_held = must_hold_slave(ctx, s);
	if (!s->is_held || s->fate == FATE_KEEP)
		return;
	s->lost = plan_loss_cause(ctx, s);
	s->fate = FATE_NONE;
}

bool plan_hold_leftover(struct plan_context *ctx, struct slave_plan *leftover)
{
	struct master_plan *m = leftover->master;
	bool is_any = false;

	for (size_t i = 0; i < m->n_slaves; i++) {
		struct slave_plan *s = &m->slaves[i];

		if (!s->lost)
			continue;
		is_any = true;
		if (!strcmp(s->place, leftover->place) && !strcmp(s->lost, "deleted"))
			s->lost = arena_printf(ctx->arena, "renamed to %s",
					       leftover->have->name);
	}
	if (is_any)
		leftover->fate = FATE_NONE;
	return is_any;
}

static void hold(struct plan_context *ctx, struct plan_draft *d)
{
	struct plan_drafts *list = &ctx->held;

	d->is_held = true;
	/* One that only follows from another that is not run. */
	if (d->step.is_precaution)
		return;
	if (d->s)
		d->s->has_held_steps = true;
	else
		d->m->has_held_steps = true;
	list->drafts = arena_grow(ctx->arena, list->drafts, list->n, &list->cap,
				  sizeof(struct plan_draft *));
	list->drafts[list->n++] = d;
}

struct plan_draft *plan_hold_step(struct plan_context *ctx, enum plan_op op,
				  struct master_plan *m, struct slave_plan *s,
				  const char *why)
{
	struct plan_draft *d = arena_alloc(ctx->arena, sizeof(*d));

	d->m = m;
	d->s = s;
	d->step = (struct plan_step){.op = op,
				     .after = PLAN_NO_STEP,
				     .why = why,
				     .master = m->want,
				     .want = s ? s->want : NULL};
	if (op == PLAN_OP_MASTER_DEL)
		d->step.u.kind = m->have->seen.kind;
	hold(ctx, d);
	return d;
}

/* A change of the master's MTU overwrites that of each slave (kernel.md 6): to set it
 * again is no repair of drift. */
static bool must_hold(const struct plan_draft *d)
{
	bool is_held = d->s ? d->s->is_held : d->m && d->m->is_held;

	return is_held && !d->is_exempt &&
	       !(d->step.op == PLAN_OP_LINK_SET && d->step.is_precaution);
}

static void take_out(struct plan_context *ctx, struct plan_drafts *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct plan_draft *d = list->drafts[i];

		if (!must_hold(d)) {
			list->drafts[n++] = d;
			/* What a held step would make free is not free: the kernel
			 * decides. */
			if (d->after && d->after->is_held)
				d->after = NULL;
			continue;
		}
		hold(ctx, d);
		if (d->s)
			d->s->n_steps--;
		else
			d->m->n_steps--;
		if (d->m->set == d)
			d->m->set = NULL;
	}
	list->n = n;
}

static void add_lost(struct plan_context *ctx, struct slave_plan *s)
{
	if (s->lost)
		plan_hold_step(ctx, PLAN_OP_LINK_ADD, s->master, s, "is missing")
			->step.u.lost = s->lost;
}

void plan_hold_drafts(struct plan_context *ctx)
{
	/* In the order of execution: a step is seen after the one that it depends on. */
	for (size_t op = 0; op < PLAN_OP_N; op++)
		take_out(ctx, &ctx->ops[op]);
	for (size_t i = 0; i < ctx->n_slaves; i++)
		add_lost(ctx, &ctx->slaves[i]);
}

const struct model_master *plan_hold_port(struct plan_context *ctx,
					  const struct master_plan *m)
{
	struct model_master *found;

	if (!m->is_held || !m->have->seen.has_port)
		return m->want;
	found = arena_memdup(ctx->arena, m->want, sizeof(*m->want));
	found->mode = m->have->seen.mode;
	found->flag = m->have->seen.flag;
	return found;
}
