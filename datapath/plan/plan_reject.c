/* Routes without a device ("blackhole", "unreachable"). The kernel has them for the
 * namespace, so that several rows may declare one and the same: it stays while any row
 * declares it. Each slave of the namespace was observed with all of them.
 *
 * A row whose slave waits keeps its route: without it, packets would leave by another. */
#include "datapath/plan/plan_reject.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_shared.h"
#include "datapath/plan/plan_transfer.h"
#include "datapath/plan/plan_vrf.h"

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

static const struct model_route *find_declared(struct plan_context *ctx,
					       const struct slave_plan *s,
					       const struct model_route *key)
{
	const struct model_route *routes =
		plan_is_going(s) ? NULL : plan_vrf_routes(ctx, s);

	for (size_t i = 0; routes && i < s->want->n_routes; i++) {
		if (!model_route_key_cmp(&routes[i], key))
			return &routes[i];
	}
	return NULL;
}

/* What some row of the namespace declares with this key; NULL if none does. */
static const struct model_route *find_wanted(struct plan_context *ctx,
					     const struct plan_sharers *all,
					     const struct model_route *key)
{
	const struct model_route *found = NULL;

	for (size_t i = 0; !found && i < all->n; i++)
		found = find_declared(ctx, all->slaves[i], key);
	return found;
}

static void draft_removal(struct plan_context *ctx, const struct plan_sharers *all,
			  const struct model_route *have)
{
	const struct model_route *want = find_wanted(ctx, all, have);
	struct slave_plan *s = want ? NULL : plan_shared_releaser(all);
	struct plan_draft *d;

	if (s) {
		plan_draft_release(ctx, PLAN_OP_ROUTE_RELEASE, s->master, s)
			->step.u.route = *have;
		return;
	}
	s = plan_shared_owner(all);

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
static void draft_of_netns(struct plan_context *ctx, const struct plan_sharers *all)
{
	struct model_route *seen = NULL;
	size_t n = 0, cap = 0;

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

void plan_draft_reject_removals(struct plan_context *ctx)
{
	/* Few hosts have such a route, and a plan may be of ten thousand slaves. */
	if (shows_any(ctx->slaves, ctx->n_slaves) ||
	    shows_any(ctx->leftovers, ctx->n_leftovers))
		plan_shared_each(ctx, draft_of_netns);
}
