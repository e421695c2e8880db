/* The slaves of a plan by their namespaces, whatever text their rows have for one. */
#include "datapath/plan/plan_shared.h"

#include "datapath/plan/plan_netns.h"

#include <stdlib.h>
#include <string.h>

bool plan_is_going(const struct slave_plan *s)
{
	return !s->want || s->want->intent != MODEL_PRESENT || !s->master->is_wanted;
}

struct slave_plan *plan_shared_owner(const struct plan_sharers *all)
{
	struct slave_plan *found = NULL;

	for (size_t i = 0; i < all->n; i++) {
		struct slave_plan *s = all->slaves[i];

		if (s->found && (!s->want || s->fate == FATE_REMOVE))
			return s;
		if (s->found && (!found || (found->is_held && !s->is_held)))
			found = s;
	}
	return found;
}

struct slave_plan *plan_shared_releaser(const struct plan_sharers *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct slave_plan *s = all->slaves[i];

		if (plan_slave_is_released(s) && s->found && s->kind == PLAN_READY)
			return s;
	}
	return NULL;
}

static int place_cmp(const void *x, const void *y)
{
	const struct slave_plan *const *a = x, *const *b = y;
	int c = strcmp((*a)->place, (*b)->place);

	return c ? c : (*a > *b) - (*a < *b);
}

void plan_shared_each(struct plan_context *ctx, plan_shared_fn *fn)
{
	struct slave_plan **all =
		arena_array(ctx->arena, ctx->n_slaves + ctx->n_leftovers,
			    sizeof(struct slave_plan *));
	size_t n = 0;

	for (size_t i = 0; i < ctx->n_slaves; i++)
		all[n++] = &ctx->slaves[i];
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		if (ctx->leftovers[i].fate == FATE_REMOVE)
			all[n++] = &ctx->leftovers[i];
	}
	if (n > 1)
		qsort(all, n, sizeof(struct slave_plan *), place_cmp);
	for (size_t i = 0, end; i < n; i = end) {
		const struct netns_plan *netns = plan_find_netns(ctx, all[i]->netns);

		for (end = i + 1; end < n && !strcmp(all[end]->place, all[i]->place);
		     end++)
			;
		if (!netns || !netns->del)
			fn(ctx, &(struct plan_sharers){.slaves = &all[i], .n = end - i});
	}
}
