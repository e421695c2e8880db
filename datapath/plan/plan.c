/* Makes a plan: pairs wanted objects with observed ones, has fates decided and steps
 * drafted, and writes the verdicts.
 *
 * The rules are in the files that plan_build() calls; README.md has them in order. */
#include "datapath/plan/plan.h"

#include "datapath/plan/plan_context.h"
#include "datapath/plan/plan_decide.h"
#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_hold.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_master.h"
#include "datapath/plan/plan_netns.h"
#include "datapath/plan/plan_place.h"
#include "datapath/plan/plan_reject.h"
#include "datapath/plan/plan_rule.h"
#include "datapath/plan/plan_slave.h"
#include "datapath/plan/plan_sysctl.h"
#include "datapath/plan/plan_transfer.h"
#include "datapath/plan/plan_trouble.h"
#include "datapath/plan/plan_warn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void collect(struct plan_context *ctx);
static void draft_all(struct plan_context *ctx);
static void give_verdicts(struct plan_context *ctx, struct plan *p);

/* It was put off, since it stands on a step of a later op. */
static bool is_put_off(const struct plan *p, const struct plan_step *s)
{
	for (const struct plan_step *t = s; t->after != PLAN_NO_STEP;) {
		t = &p->steps[t->after];
		if (t->op > s->op)
			return s->op == PLAN_OP_SYSCTL_SET || s->op == PLAN_OP_MASTER_ADD;
	}
	return false;
}

/* What the caller relies on: ids are indices, ops are in order (plan_step.h), and a step
 * depends on an earlier one at most. */
static bool is_in_order(const struct plan *p)
{
	enum plan_op last = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		const struct plan_step *s = &p->steps[i];

		if (s->id != i || (s->after != PLAN_NO_STEP && s->after >= i))
			return false;
		if (is_put_off(p, s))
			continue;
		if (s->op < last)
			return false;
		last = s->op;
	}
	return true;
}

void plan_build(const struct model *want, const struct model *have, struct arena *a,
		struct plan **ret_plan)
{
	struct plan_context ctx = {.arena = a, .want = want, .have = have};
	struct plan *p = arena_alloc(a, sizeof(*p));

	assert(model_is_sorted(want));
	assert(model_is_sorted(have));
	collect(&ctx);
	plan_decide_masters(&ctx);
	plan_decide_slaves(&ctx);
	plan_decide_netns(&ctx);
	draft_all(&ctx);
	plan_hold_drafts(&ctx);
	plan_warn_all(&ctx);
	plan_draft_order(&ctx, p);
	plan_sysctl_record(&ctx, p);
	give_verdicts(&ctx, p);
	assert(is_in_order(p));
	*ret_plan = p;
}

/* Wanted masters first, so that ctx->masters[i] is want->masters[i]; then those that were
 * only observed. */
static void collect_masters(struct plan_context *ctx)
{
	const struct model *want = ctx->want, *have = ctx->have;

	ctx->masters = arena_array(ctx->arena, want->n_masters + have->n_masters,
				   sizeof(*ctx->masters));
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct model_master *found =
			model_find_master(have, m->netns, m->name);

		ctx->masters[i] = (struct master_plan){
			.want = m,
			.have = found,
			.trouble = plan_netns_trouble(ctx, m->netns, ""),
			.is_wanted = m->intent == MODEL_PRESENT,
			.message = "",
		};
		ctx->n_slaves += m->n_slaves;
	}
	ctx->n_wanted_masters = ctx->n_masters = want->n_masters;
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		if (m->seen.is_namesake || !model_find_master(want, m->netns, m->name))
			ctx->masters[ctx->n_masters++] =
				(struct master_plan){.have = m, .message = ""};
	}
	assert(ctx->n_masters <= want->n_masters + have->n_masters);
}

static const struct model_slave *find_found(const struct master_plan *m,
					    const struct model_slave *want)
{
	return m->have ? model_find_slave(m->have, want->netns, want->name) : NULL;
}

static void collect_slaves(struct plan_context *ctx)
{
	struct slave_plan *next;

	next = ctx->slaves = arena_array(ctx->arena, ctx->n_slaves, sizeof(*ctx->slaves));
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		struct master_plan *m = &ctx->masters[i];

		m->slaves = next;
		m->n_slaves = m->want->n_slaves;
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->want->slaves[k];

			*next++ = (struct slave_plan){
				.master = m,
				.want = s,
				.found = find_found(m, s),
				.netns = *s->netns ? s->netns : m->want->netns,
				.message = "",
			};
			next[-1].place = plan_place_netns(ctx, next[-1].netns);
			next[-1].trouble =
				plan_netns_trouble(ctx, s->netns, m->want->netns);
		}
	}
	assert(next == ctx->slaves + ctx->n_slaves);
}

/* The device may belong to a row whose namespace may not be opened. Then its namespace is
 * unknown, and so is the row. */
static bool may_be_wanted(const struct plan_context *ctx, const struct master_plan *m,
			  const struct model_slave *s)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_netns *n =
			m->slaves[i].trouble
				? model_find_netns(ctx->have, m->slaves[i].netns)
				: NULL;

		if (n && n->seen.trouble == MODEL_NETNS_DENIED &&
		    !strcmp(m->slaves[i].want->name, s->name))
			return true;
	}
	return false;
}

/* Devices with our mark at places that no row names. */
static void collect_leftovers(struct plan_context *ctx)
{
	size_t cap = 0;

	for (size_t i = 0; i < ctx->n_masters; i++) {
		struct master_plan *m = &ctx->masters[i];

		for (size_t k = 0; m->have && k < m->have->n_slaves; k++) {
			const struct model_slave *s = &m->have->slaves[k];
			const char *netns = *s->netns ? s->netns : m->have->netns;

			if (s->seen.presence != MODEL_OURS ||
			    plan_find_place(ctx, netns, s->name) ||
			    may_be_wanted(ctx, m, s))
				continue;
			ctx->leftovers =
				arena_grow(ctx->arena, ctx->leftovers, ctx->n_leftovers,
					   &cap, sizeof(*ctx->leftovers));
			ctx->leftovers[ctx->n_leftovers++] = (struct slave_plan){
				.master = m,
				.have = s,
				.found = s,
				.netns = netns,
				.place = plan_place_netns(ctx, netns),
				.fate = FATE_REMOVE,
				.message = "",
				.why = "no longer wanted",
			};
		}
	}
}

static void collect(struct plan_context *ctx)
{
	plan_collect_aliases(ctx);
	collect_masters(ctx);
	collect_slaves(ctx);
	plan_collect_places(ctx);
	collect_leftovers(ctx);
}

/* Removals of all masters come before any creation: a creation then finds the step that
 * makes its address free. */
static void draft_all(struct plan_context *ctx)
{
	plan_draft_netns_removals(ctx);
	for (size_t i = 0; i < ctx->n_masters; i++)
		plan_draft_master_removals(ctx, &ctx->masters[i]);
	for (size_t i = 0; i < ctx->n_slaves; i++)
		plan_draft_slave_removals(ctx, &ctx->slaves[i]);
	for (size_t i = 0; i < ctx->n_leftovers; i++)
		plan_draft_slave_removals(ctx, &ctx->leftovers[i]);
	plan_draft_reject_removals(ctx);
	plan_draft_rule_removals(ctx);
	plan_sort_freed(ctx);

	plan_draft_netns_creations(ctx);
	for (size_t i = 0; i < ctx->n_wanted_masters; i++)
		plan_draft_master_creations(ctx, &ctx->masters[i]);
	for (size_t i = 0; i < ctx->n_wanted_masters; i++)
		plan_draft_master_sysctls(ctx, &ctx->masters[i]);
	for (size_t i = 0; i < ctx->n_slaves; i++)
		plan_draft_slave_creations(ctx, &ctx->slaves[i]);
	for (size_t i = 0; i < ctx->n_wanted_masters; i++)
		plan_draft_master_routes(ctx, &ctx->masters[i]);
	plan_draft_resolv(ctx);
	plan_draft_link_releases(ctx);
	plan_draft_netns_leftovers(ctx);
}

static enum plan_verdict_kind verdict_kind(enum plan_verdict_kind kind, size_t n_steps,
					   bool has_held_steps)
{
	if (kind != PLAN_READY)
		return kind;
	return has_held_steps ? PLAN_DRIFTED : n_steps ? PLAN_WORK : PLAN_READY;
}

/* A message is there exactly if the contract asks for one. */
static bool is_explained(enum plan_verdict_kind kind, const char *message)
{
	bool is_due = kind == PLAN_WAITING || kind == PLAN_CONFLICT || kind == PLAN_ERROR;

	return is_due == (*message != '\0');
}

static void give_verdicts(struct plan_context *ctx, struct plan *p)
{
	p->verdicts = arena_array(ctx->arena, ctx->n_wanted_masters + ctx->n_slaves,
				  sizeof(*p->verdicts));
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		const struct master_plan *m = &ctx->masters[i];

		if (m->want->intent == MODEL_GONE)
			continue;
		assert(is_explained(m->kind, m->message));
		p->verdicts[p->n_verdicts++] = (struct plan_verdict){
			.kind = verdict_kind(m->kind, m->n_steps, m->has_held_steps),
			.master = m->want,
			.have_master = m->have,
			.message = m->message,
			.warnings = m->warnings.texts,
			.n_warnings = m->warnings.n,
		};
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct slave_plan *s = &m->slaves[k];

			if (!s->want)
				continue;
			assert(is_explained(s->kind, s->message));
			p->verdicts[p->n_verdicts++] = (struct plan_verdict){
				.kind = verdict_kind(s->kind, s->n_steps,
						     s->has_held_steps),
				.master = m->want,
				.slave = s->want,
				.have = s->have,
				.have_master = m->have,
				.message = s->message,
				.is_spent = s->is_spent,
				.warnings = s->warnings.texts,
				.n_warnings = s->warnings.n,
			};
		}
	}
	assert(p->n_verdicts <= ctx->n_wanted_masters + ctx->n_slaves);
}
