/* Drafts of steps: made in any order, put in the order of execution at the end. */
#include "datapath/plan/plan_draft.h"

#include <assert.h>
#include <string.h>

struct plan_draft *plan_draft_new(struct plan_context *ctx, enum plan_op op,
				  struct master_plan *m, struct slave_plan *s,
				  const char *why)
{
	return plan_draft_later(ctx, op, op, m, s, why);
}

/* That no row wants any more has no match, and still the device of another name. */
static bool is_matched(const struct master_plan *m)
{
	return m->want && m->have && m->have->seen.presence != MODEL_ABSENT &&
	       (model_match_is_set(&m->want->match) ||
		strcmp(model_master_device(m->have), m->want->name) != 0);
}

struct plan_draft *plan_draft_later(struct plan_context *ctx, enum plan_op phase,
				    enum plan_op op, struct master_plan *m,
				    struct slave_plan *s, const char *why)
{
	struct plan_drafts *list = &ctx->ops[phase];
	struct plan_draft *d = arena_alloc(ctx->arena, sizeof(*d));

	assert(phase < PLAN_OP_N && op <= phase && why);
	assert(m || !s);
	d->phase = phase;
	d->step.op = op;
	d->step.why = why;
	d->step.after = PLAN_NO_STEP;
	d->m = m;
	d->s = s;
	if (m) {
		d->step.master = m->want ? m->want : m->have;
		if (is_matched(m))
			d->step.matched = m->have;
		m->n_steps += !s;
	}
	if (s) {
		d->step.want = s->want;
		d->step.have = s->have;
		s->n_steps++;
	}
	list->drafts = arena_grow(ctx->arena, list->drafts, list->n, &list->cap,
				  sizeof(struct plan_draft *));
	list->drafts[list->n++] = d;
	return d;
}

void plan_draft_after(struct plan_draft *d, struct plan_draft *first,
		      struct plan_draft *second, struct plan_draft *third,
		      struct plan_draft *fourth)
{
	assert(!d->after && !d->wave);
	d->after = first ? first : second ? second : third ? third : fourth;
	if (!d->after)
		return;
	assert(d->after->phase <= d->phase);
	d->wave = d->after->phase == d->phase ? d->after->wave + 1 : 0;
}

/* Steps of one phase and one wave do not depend on each other, so a provider may execute
 * them as one batch. */
static void number_phase(struct plan_drafts *list, struct plan *p)
{
	uint32_t last = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->drafts[i]->wave > last)
			last = list->drafts[i]->wave;
	}
	for (uint32_t wave = 0; wave <= last; wave++) {
		for (size_t i = 0; i < list->n; i++) {
			struct plan_draft *d = list->drafts[i];

			if (d->wave != wave)
				continue;
			d->step.id = (uint32_t)p->n_steps;
			if (d->after)
				d->step.after = d->after->step.id;
			assert(!d->after || d->step.after < d->step.id);
			p->steps[p->n_steps++] = d->step;
		}
	}
}

void plan_draft_order(struct plan_context *ctx, struct plan *p)
{
	size_t n = 0;

	for (size_t op = 0; op < PLAN_OP_N; op++)
		n += ctx->ops[op].n;
	p->steps = arena_array(ctx->arena, n, sizeof(*p->steps));
	for (size_t op = 0; op < PLAN_OP_N; op++) {
		if (ctx->ops[op].n)
			number_phase(&ctx->ops[op], p);
	}
	assert(p->n_steps == n);
	p->held = arena_array(ctx->arena, ctx->held.n, sizeof(*p->held));
	for (size_t i = 0; i < ctx->held.n; i++)
		p->held[p->n_held++] = ctx->held.drafts[i]->step;
}
