/* Members of VRFs. ipvl makes no VRF: a slave waits for the one that it declares.
 *
 * The kernel sets a device down and up when it joins or leaves one, and so takes its routes
 * and IPv6 addresses (kernel.md 35): the plan adds them again. */
#include "datapath/plan/plan_vrf.h"

#include "datapath/plan/plan_draft.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

bool plan_vrf_is_missing(const struct slave_plan *s)
{
	return *s->want->vrf && !(s->found && s->found->seen.vrf_table);
}

const char *plan_vrf_label(struct plan_context *ctx, const struct slave_plan *s)
{
	return arena_printf(ctx->arena, "the VRF %s%s%s", s->want->vrf,
			    *s->netns ? " in " : "", s->netns);
}

const struct model_route *plan_vrf_routes(struct plan_context *ctx,
					  const struct slave_plan *s)
{
	uint32_t table = *s->want->vrf && s->found ? s->found->seen.vrf_table : 0;

	return model_routes_in_table(ctx->arena, s->want->routes, s->want->n_routes,
				     table);
}

static bool moves(const struct slave_plan *s)
{
	if (!plan_slave_will_exist(s))
		return false;
	return strcmp(s->want->vrf, plan_slave_is_kept(s) ? s->have->vrf : "") != 0;
}

static void drop_routes(struct plan_context *ctx, struct model_slave *s)
{
	struct model_route *kept = arena_array(ctx->arena, s->n_routes, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct model_route *r = &s->routes[i];

		if (r->seen_foreign || model_route_is_reject(r))
			kept[n++] = *r;
	}
	s->routes = kept;
	s->n_routes = n;
}

static void drop_ipv6(struct plan_context *ctx, struct model_slave *s)
{
	struct ip_prefix *kept = arena_array(ctx->arena, s->n_addresses, sizeof(*kept));
	struct model_address_seen *noted =
		arena_array(ctx->arena, s->seen.n_noted, sizeof(*noted));
	size_t n = 0, n_noted = 0;

	for (size_t i = 0; i < s->n_addresses; i++) {
		if (s->addresses[i].addr.family == AF_INET)
			kept[n++] = s->addresses[i];
	}
	for (size_t i = 0; i < s->seen.n_noted; i++) {
		if (s->seen.noted[i].address.addr.family == AF_INET)
			noted[n_noted++] = s->seen.noted[i];
	}
	s->addresses = kept;
	s->n_addresses = n;
	s->seen.noted = noted;
	s->seen.n_noted = n_noted;
}

void plan_vrf_forget_lost(struct plan_context *ctx, struct slave_plan *s)
{
	struct model_slave *left;

	if (!moves(s) || s->is_held || !s->have->seen.is_up)
		return;
	left = arena_memdup(ctx->arena, s->have, sizeof(*s->have));
	drop_routes(ctx, left);
	drop_ipv6(ctx, left);
	if (s->found == s->have)
		s->found = left;
	s->have = left;
}

static const char *name_or_none(const char *vrf)
{
	return *vrf ? vrf : "none";
}

void plan_draft_vrf(struct plan_context *ctx, struct slave_plan *s)
{
	const char *was = plan_slave_is_kept(s) ? s->have->vrf : "";

	if (!moves(s))
		return;
	s->vrf = plan_draft_new(ctx, PLAN_OP_VRF_SET, s->master, s,
				arena_printf(ctx->arena, "%s -> %s", name_or_none(was),
					     name_or_none(s->want->vrf)));
	if (plan_slave_is_made(s))
		s->vrf->step.have = NULL;
	else
		s->vrf->step.loss = "its routes and IPv6 addresses go for a moment";
	s->vrf->step.u.vrf = s->want->vrf;
	s->vrf->step.u.vrf_was = was;
	s->vrf->step.u.vrf_ifindex = *s->want->vrf ? s->found->seen.vrf_ifindex : 0;
	plan_draft_after(s->vrf, s->link, NULL, NULL, NULL);
}
