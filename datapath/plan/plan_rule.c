/* Rules of policy routing. Those of our protocol number are ours; another program may have the
 * same ones beside ours (kernel.md 30).
 *
 * A rule is added after the routes of its table, and deleted before them: while it is there, the
 * table is complete. One whose table lacks a route is no harm, the search goes on with the next
 * rule; so a slave that waits keeps its rules.
 *
 * The kernel takes a special rule for a general one where it looks for the latter
 * (model_rule_covers()). So a special one goes before a general one is deleted or added, and comes
 * back after it. */
#include "datapath/plan/plan_rule.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_shared.h"
#include "datapath/plan/plan_transfer.h"

#include <stdlib.h>
#include <string.h>

/* Of one namespace. */
struct rules {
	struct model_rule *rules;
	size_t n, cap;
};

static bool has_rule(const struct model_rule *rules, size_t n, const struct model_rule *r)
{
	for (size_t i = 0; i < n; i++) {
		if (!model_rule_cmp(&rules[i], r))
			return true;
	}
	return false;
}

static void add(struct plan_context *ctx, struct rules *all, const struct model_rule *r)
{
	if (has_rule(all->rules, all->n, r))
		return;
	all->rules = arena_grow(ctx->arena, all->rules, all->n, &all->cap,
				sizeof(*all->rules));
	all->rules[all->n++] = *r;
}

/* By how much a rule selects: one that covers another selects by less. */
static unsigned int detail(const struct model_rule *r)
{
	return r->from.len + r->to.len + (r->tos != 0) + (r->mark != 0);
}

static int special_first(const void *x, const void *y)
{
	const struct model_rule *a = x, *b = y;
	unsigned int i = detail(a), k = detail(b);

	return i != k ? (i < k) - (i > k) : model_rule_cmp(a, b);
}

static int general_first(const void *x, const void *y)
{
	const struct model_rule *a = x, *b = y;
	unsigned int i = detail(a), k = detail(b);

	return i != k ? (i > k) - (i < k) : model_rule_cmp(a, b);
}

static void sort(struct rules *all, int (*cmp)(const void *, const void *))
{
	if (all->n > 1)
		qsort(all->rules, all->n, sizeof(*all->rules), cmp);
}

/* What was found in a namespace, and what its rows declare. */
struct netns_rules {
	struct rules have, want;
};

static struct netns_rules collect(struct plan_context *ctx,
				  const struct plan_sharers *all)
{
	struct netns_rules r = {0};

	for (size_t i = 0; i < all->n; i++) {
		const struct slave_plan *s = all->slaves[i];

		for (size_t k = 0; s->found && k < s->found->n_rules; k++)
			add(ctx, &r.have, &s->found->rules[k]);
		for (size_t k = 0; !plan_is_going(s) && k < s->want->n_rules; k++)
			add(ctx, &r.want, &s->want->rules[k]);
	}
	sort(&r.have, special_first);
	return r;
}

static bool is_wanted(const struct netns_rules *r, const struct model_rule *rule)
{
	return has_rule(r->want.rules, r->want.n, rule);
}

/* A more general one is deleted, or added. */
static const struct model_rule *find_cover(const struct netns_rules *r,
					   const struct model_rule *rule)
{
	for (size_t i = 0; i < r->have.n; i++) {
		if (!is_wanted(r, &r->have.rules[i]) &&
		    model_rule_covers(&r->have.rules[i], rule))
			return &r->have.rules[i];
	}
	for (size_t i = 0; i < r->want.n; i++) {
		if (!has_rule(r->have.rules, r->have.n, &r->want.rules[i]) &&
		    model_rule_covers(&r->want.rules[i], rule))
			return &r->want.rules[i];
	}
	return NULL;
}

static const struct model_rule *find_successor(const struct netns_rules *r,
					       const struct model_rule *rule)
{
	for (size_t i = 0; i < r->want.n; i++) {
		if (model_rule_has_same_key(&r->want.rules[i], rule))
			return &r->want.rules[i];
	}
	return NULL;
}

static void draft_removal(struct plan_context *ctx, const struct plan_sharers *all,
			  const struct netns_rules *r, const struct model_rule *rule)
{
	const struct model_rule *next = find_successor(r, rule);
	bool is_declared = is_wanted(r, rule);
	const struct model_rule *cover = is_declared ? find_cover(r, rule) : NULL;
	struct slave_plan *s = plan_shared_owner(all);
	struct plan_draft *d;
	const char *why = "is not declared";

	if (!s || (is_declared && !cover))
		return;
	if (!is_declared && !next && plan_shared_releaser(all)) {
		s = plan_shared_releaser(all);
		d = plan_draft_release(ctx, PLAN_OP_RULE_RELEASE, s->master, s);
		d->step.u.rule = *rule;
		return;
	}
	if (cover)
		why = arena_printf(ctx->arena, "is part of %s",
				   model_rule_text(ctx->arena, cover));
	else if (next)
		why = arena_printf(ctx->arena, "becomes %s",
				   model_rule_text(ctx->arena, next));
	d = plan_draft_new(ctx, PLAN_OP_RULE_DEL, s->master, s, why);
	/* The namespace is found by it, whether its device is there or not. */
	if (!d->step.have)
		d->step.have = s->found;
	d->step.is_precaution = is_declared;
	d->step.loss = plan_loss_rule(s, next != NULL);
	d->step.u.rule = *rule;
}

static void draft_of_netns(struct plan_context *ctx, const struct plan_sharers *all)
{
	struct netns_rules r = collect(ctx, all);

	for (size_t i = 0; i < r.have.n; i++)
		draft_removal(ctx, all, &r, &r.have.rules[i]);
}

static bool shows_any(const struct slave_plan *slaves, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slaves[i].found && slaves[i].found->n_rules)
			return true;
	}
	return false;
}

void plan_draft_rule_removals(struct plan_context *ctx)
{
	/* Few hosts have rules, and a plan may be of ten thousand slaves. */
	if (shows_any(ctx->slaves, ctx->n_slaves) ||
	    shows_any(ctx->leftovers, ctx->n_leftovers))
		plan_shared_each(ctx, draft_of_netns);
}

/* The first removal in this namespace or a later one: they are in its order. */
static size_t first_removal(const struct plan_drafts *dels, const char *place)
{
	size_t first = 0, n = dels->n;

	while (n) {
		size_t half = n / 2;

		if (strcmp(dels->drafts[first + half]->s->place, place) < 0) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return first;
}

/* The removal in the namespace of 's' that makes room for the rule, or takes it. */
static struct plan_draft *find_removal(const struct plan_context *ctx,
				       const struct slave_plan *s,
				       const struct model_rule *rule)
{
	const struct plan_drafts *dels = &ctx->ops[PLAN_OP_RULE_DEL];
	struct plan_draft *found = NULL;

	for (size_t i = first_removal(dels, s->place); i < dels->n; i++) {
		struct plan_draft *d = dels->drafts[i];

		if (strcmp(d->s->place, s->place) != 0)
			break;
		if (!model_rule_cmp(&d->step.u.rule, rule))
			return d;
		if (model_rule_has_same_key(&d->step.u.rule, rule))
			found = d;
	}
	return found;
}

static void draft_creation(struct plan_context *ctx, struct slave_plan *s,
			   const struct model_rule *rule)
{
	bool is_there = s->found && has_rule(s->found->rules, s->found->n_rules, rule);
	struct plan_draft *removal = find_removal(ctx, s, rule), *d;
	const struct model_foreign_rule *foreign = plan_transfer_find_rule(s, rule);

	if (foreign) {
		d = plan_draft_new(ctx, PLAN_OP_RULE_ADOPT, s->master, s, "");
		d->step.u.rule = *rule;
		d->step.u.rule_protocol = foreign->protocol;
		plan_draft_after(d, removal, s->link, NULL, NULL);
		return;
	}
	if (is_there && !(removal && !model_rule_cmp(&removal->step.u.rule, rule)))
		return;
	d = plan_draft_new(ctx, PLAN_OP_RULE_ADD, s->master, s,
			   is_there ? "was part of another" : "is missing");
	d->step.is_precaution = is_there;
	d->step.u.rule = *rule;
	plan_draft_after(d, removal, s->link, NULL, NULL);
}

void plan_draft_rule_creations(struct plan_context *ctx, struct slave_plan *s)
{
	struct rules want = {0};

	for (size_t i = 0; i < s->want->n_rules; i++)
		add(ctx, &want, &s->want->rules[i]);
	sort(&want, general_first);
	for (size_t i = 0; i < want.n; i++)
		draft_creation(ctx, s, &want.rules[i]);
}
