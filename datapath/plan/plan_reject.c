/* Routes without a device ("blackhole", "unreachable"). The kernel has them for the
 * namespace, so that several rows may declare one and the same: it stays while any row
 * declares it. Each slave of the namespace was observed with all of them.
 *
 * A row whose slave waits keeps its route: without it, packets would leave by another. */
#include "datapath/plan/plan_reject.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_netns.h"
#include "datapath/plan/plan_place.h"

#include <stdlib.h>
#include <string.h>

/* The slaves of one namespace: wanted ones, and leftovers. */
struct netns_slaves {
	struct slave_plan **slaves;
	size_t n;
};

struct model_route *plan_rejects_of(struct plan_context *ctx,
				    const struct model_slave *found, size_t *ret_n)
{
	struct model_route *routes =
		arena_array(ctx->arena, found->n_routes, sizeof(*routes));
	size_t n = 0;

	for (size_t i = 0; i < found->n_routes; i++) {
		if (model_route_is_reject(&found->routes[i]))
			routes[n++] = found->routes[i];
	}
	*ret_n = n;
	return routes;
}

/* No row wants it, or not now. */
static bool is_going(const struct slave_plan *s)
{
	return !s->want || s->want->intent != MODEL_PRESENT || !s->master->is_wanted;
}

static const struct model_route *find_declared(const struct slave_plan *s,
					       const struct model_route *key)
{
	for (size_t i = 0; !is_going(s) && i < s->want->n_routes; i++) {
		if (!model_route_key_cmp(&s->want->routes[i], key))
			return &s->want->routes[i];
	}
	return NULL;
}

/* What some row of the namespace declares with this key; NULL if none does. */
static const struct model_route *find_wanted(const struct netns_slaves *all,
					     const struct model_route *key)
{
	const struct model_route *found = NULL;

	for (size_t i = 0; !found && i < all->n; i++)
		found = find_declared(all->slaves[i], key);
	return found;
}

/* Whose step the removal is: that of a slave that goes, and perhaps leaves the route behind,
 * before that of others. A row that is held would hold the step too. */
static struct slave_plan *find_owner(const struct netns_slaves *all)
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

static void draft_removal(struct plan_context *ctx, const struct netns_slaves *all,
			  const struct model_route *have)
{
	const struct model_route *want = find_wanted(all, have);
	struct slave_plan *s = find_owner(all);
	struct plan_draft *d;

	if (!s || (want && model_route_equals(want, have)))
		return;
	d = plan_draft_new(ctx, PLAN_OP_ROUTE_DEL, s->master, s,
			   want ? arena_printf(ctx->arena, "becomes %s",
					       model_route_text(ctx->arena, want))
				: "is not declared");
	/* The namespace is found by it, whether its device is there or not. */
	if (!d->step.have)
		d->step.have = s->found;
	d->step.u.route = *have;
}

static bool has_route(const struct model_route *routes, size_t n,
		      const struct model_route *r)
{
	for (size_t i = 0; i < n; i++) {
		if (model_route_equals(&routes[i], r))
			return true;
	}
	return false;
}

/* Most were observed with the same ones. */
static void draft_of_netns(struct plan_context *ctx, const struct netns_slaves *all)
{
	const struct netns_plan *netns = plan_find_netns(ctx, all->slaves[0]->netns);
	struct model_route *seen = NULL;
	size_t n = 0, cap = 0;

	/* They go with the namespace. */
	if (netns && netns->del)
		return;
	for (size_t i = 0; i < all->n; i++) {
		const struct model_slave *found = all->slaves[i]->found;

		for (size_t k = 0; found && k < found->n_routes; k++) {
			const struct model_route *r = &found->routes[k];

			if (r->seen_foreign || !model_route_is_reject(r) ||
			    has_route(seen, n, r))
				continue;
			seen = arena_grow(ctx->arena, seen, n, &cap, sizeof(*seen));
			seen[n++] = *r;
		}
	}
	for (size_t i = 0; i < n; i++)
		draft_removal(ctx, all, &seen[i]);
}

static bool shows_any(const struct slave_plan *slaves, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct model_slave *found = slaves[i].found;

		for (size_t k = 0; found && k < found->n_routes; k++) {
			if (model_route_is_reject(&found->routes[k]))
				return true;
		}
	}
	return false;
}

static int place_cmp(const void *x, const void *y)
{
	const struct slave_plan *const *a = x, *const *b = y;
	int c = strcmp((*a)->place, (*b)->place);

	return c ? c : (*a > *b) - (*a < *b);
}

void plan_draft_reject_removals(struct plan_context *ctx)
{
	struct slave_plan **all;
	size_t n = 0;

	/* Few hosts have such a route, and a plan may be of ten thousand slaves. */
	if (!shows_any(ctx->slaves, ctx->n_slaves) &&
	    !shows_any(ctx->leftovers, ctx->n_leftovers))
		return;
	all = arena_array(ctx->arena, ctx->n_slaves + ctx->n_leftovers,
			  sizeof(struct slave_plan *));
	for (size_t i = 0; i < ctx->n_slaves; i++)
		all[n++] = &ctx->slaves[i];
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		if (ctx->leftovers[i].fate == FATE_REMOVE)
			all[n++] = &ctx->leftovers[i];
	}
	if (n > 1)
		qsort(all, n, sizeof(struct slave_plan *), place_cmp);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !strcmp(all[end]->place, all[i]->place);
		     end++)
			;
		draft_of_netns(ctx,
			       &(struct netns_slaves){.slaves = &all[i], .n = end - i});
	}
}
