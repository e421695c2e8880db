/* Steps for routes, of a slave or of a master. Only routes with our protocol number are
 * ours to remove. A foreign route with the same key is a conflict: `replace` would
 * overwrite it silently (kernel.md 8). */
#include "datapath/plan/plan_route.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_ipv6.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_place.h"
#include "datapath/plan/plan_transfer.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

static const struct model_route *find_equal(const struct plan_routes *r,
					    const struct model_route *want)
{
	for (size_t i = 0; i < r->n_have; i++) {
		if (!r->have[i].seen_foreign && !r->have[i].seen_ifindex &&
		    model_route_equals(&r->have[i], want))
			return &r->have[i];
	}
	return NULL;
}

static const struct model_route *find_foreign(const struct plan_routes *r,
					      const struct model_route *want)
{
	for (size_t i = 0; i < r->n_have; i++) {
		if (r->have[i].seen_foreign && !model_route_key_cmp(&r->have[i], want))
			return &r->have[i];
	}
	return NULL;
}

/* A device of ours that the plan deletes has this number in the namespace. */
static bool is_going(const struct plan_context *ctx, const char *netns, uint32_t ifindex)
{
	const char *place = plan_place_netns(ctx, netns);
	const struct slave_plan *lists[] = {ctx->slaves, ctx->leftovers};
	const size_t n[] = {ctx->n_slaves, ctx->n_leftovers};

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < n[k]; i++) {
			const struct slave_plan *s = &lists[k][i];

			if ((s->fate == FATE_REMOVE || s->fate == FATE_REMAKE) &&
			    s->have->seen.ifindex == ifindex && !strcmp(s->place, place))
				return true;
		}
	}
	for (size_t i = 0; i < ctx->n_masters; i++) {
		const struct master_plan *m = &ctx->masters[i];

		if (m->removes_device && m->have->seen.ifindex == ifindex &&
		    !strcmp(plan_place_netns(ctx, m->have->netns), place))
			return true;
	}
	return false;
}

void plan_routes_forget_going(const struct plan_context *ctx, const char *netns,
			      struct plan_routes *r)
{
	struct model_route *stay = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->n_have; i++) {
		const struct model_route *have = &r->have[i];
		bool goes = have->seen_foreign && have->seen_ifindex &&
			    is_going(ctx, netns, have->seen_ifindex);

		if (goes && !stay) {
			stay = arena_array(ctx->arena, r->n_have, sizeof(*stay));
			for (n = 0; n < i; n++)
				stay[n] = r->have[n];
		} else if (!goes && stay) {
			stay[n++] = *have;
		}
	}
	if (!stay)
		return;
	r->have = stay;
	r->n_have = n;
}

bool plan_routes_miss_any(const struct plan_routes *r)
{
	for (size_t i = 0; i < r->n_want; i++) {
		if (!find_equal(r, &r->want[i]) && !find_foreign(r, &r->want[i]))
			return true;
	}
	return false;
}

/* The wanted route with the key of 'have'; NULL if there is none. */
static const struct model_route *find_wanted(const struct plan_routes *r,
					     const struct model_route *have)
{
	for (size_t i = 0; i < r->n_want; i++) {
		if (!model_route_key_cmp(&r->want[i], have))
			return &r->want[i];
	}
	return NULL;
}

void plan_draft_route_removals(struct plan_context *ctx, struct master_plan *m,
			       struct slave_plan *s, const struct plan_routes *r)
{
	struct plan_span *span = s ? &s->route_dels : &m->route_dels;

	span->first = ctx->ops[PLAN_OP_ROUTE_DEL].n;
	for (size_t i = 0; i < r->n_have; i++) {
		const struct model_route *have = &r->have[i];
		const struct model_route *want = find_wanted(r, have);
		struct plan_draft *d;

		/* Those without a device: plan_reject.c. */
		if (have->seen_foreign || model_route_is_reject(have) ||
		    (want && !have->seen_ifindex && model_route_equals(want, have)))
			continue;
		d = plan_draft_new(
			ctx, PLAN_OP_ROUTE_DEL, m, s,
			have->seen_ifindex ? "is still by another device"
			: want             ? arena_printf(ctx->arena, "becomes %s",
							  model_route_text(ctx->arena, want))
					   : "is not declared");
		d->step.u.route = *have;
		d->step.loss = plan_loss_route(ctx, have, want);
		plan_draft_after(d, s ? s->link : NULL, NULL, NULL, NULL);
		span->n++;
	}
}

typedef bool fits_fn(const struct plan_draft *d, const struct model_route *r);

/* The latest draft of this op in 'span' that 'fits' the route; NULL if there is none. */
static struct plan_draft *find_draft(const struct plan_context *ctx, enum plan_op op,
				     const struct plan_span *span, fits_fn *fits,
				     const struct model_route *r)
{
	assert(span->first + span->n <= ctx->ops[op].n);
	for (size_t i = span->first + span->n; i-- > span->first;) {
		if (fits(ctx->ops[op].drafts[i], r))
			return ctx->ops[op].drafts[i];
	}
	return NULL;
}

static bool has_gateway_in(const struct model_route *r, const struct ip_prefix *subnet)
{
	for (size_t i = 0; i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);

		if (ip_prefix_contains(subnet, &hop.via))
			return true;
	}
	return false;
}

static bool is_way_to_gateway(const struct plan_draft *d, const struct model_route *r)
{
	const struct model_route *other = &d->step.u.route;

	return !other->via.family && !model_route_is_reject(other) &&
	       !ip_prefix_is_default(&other->to) && other->table == r->table &&
	       has_gateway_in(r, &other->to);
}

static bool is_subnet_of_gateway(const struct plan_draft *d, const struct model_route *r)
{
	return has_gateway_in(r, &d->step.u.address);
}

static bool is_its_source(const struct plan_draft *d, const struct model_route *r)
{
	return !ip_addr_cmp(&d->step.u.address.addr, &r->from);
}

static bool is_of_family(const struct plan_draft *d, const struct model_route *r)
{
	return d->step.u.address.addr.family == r->to.addr.family;
}

static bool has_key(const struct plan_draft *d, const struct model_route *r)
{
	return !model_route_key_cmp(&d->step.u.route, r);
}

/* What must exist before the kernel accepts the route, the most specific first. */
static void set_order(const struct plan_context *ctx, struct plan_draft *d,
		      const struct master_plan *m, const struct slave_plan *s,
		      const struct plan_span *route_adds)
{
	static const struct plan_span none;
	const struct plan_span *addrs = s ? &s->addr_adds : &none;
	const struct plan_span *dels = s ? &s->route_dels : &m->route_dels;
	const struct model_route *r = &d->step.u.route;
	struct plan_draft *gateway = NULL, *source = NULL;

	assert(d->step.op == PLAN_OP_ROUTE_ADD || d->step.op == PLAN_OP_ROUTE_ADOPT);
	if (model_route_is_reject(r)) {
		plan_draft_after(d, find_draft(ctx, PLAN_OP_ROUTE_DEL, dels, has_key, r),
				 s ? s->link : NULL, NULL, NULL);
		return;
	}
	if (r->via.family) {
		gateway = find_draft(ctx, PLAN_OP_ROUTE_ADD, route_adds,
				     is_way_to_gateway, r);
		if (!gateway)
			gateway = find_draft(ctx, PLAN_OP_ADDR_ADD, addrs,
					     is_subnet_of_gateway, r);
	}
	if (r->from.family)
		source = find_draft(ctx, PLAN_OP_ADDR_ADD, addrs, is_its_source, r);
	if (!source)
		source = find_draft(ctx, PLAN_OP_ADDR_ADD, addrs, is_of_family, r);
	plan_draft_after(d, gateway, source,
			 find_draft(ctx, PLAN_OP_ROUTE_DEL, dels, has_key, r),
			 !s ? m->set : plan_draft_device(s));
}

static void set_conflict(struct plan_context *ctx, struct master_plan *m,
			 struct slave_plan *s, const struct model_route *r)
{
	enum plan_verdict_kind *kind = s ? &s->kind : &m->kind;

	assert(r->seen_foreign);
	if (*kind != PLAN_READY)
		return;
	*kind = PLAN_CONFLICT;
	*(s ? &s->message : &m->message) = plan_message_foreign_route(ctx, m, s, r);
}

/* Why a route is added; NULL if it is not. */
static const char *why_add(struct plan_context *ctx, struct master_plan *m,
			   struct slave_plan *s, const struct plan_routes *r,
			   const struct model_route *want, bool lost)
{
	const struct model_route *foreign = find_foreign(r, want);

	if (find_equal(r, want))
		return lost && want->to.addr.family == AF_INET &&
				       !model_route_is_reject(want)
			       ? "goes with the last address"
			       : NULL;
	if (!model_route_is_reject(want) && s && want->to.addr.family == AF_INET6 &&
	    plan_mtu_forbids_ipv6(s))
		return NULL;
	if (!foreign)
		return s && !model_route_is_reject(want) && plan_route_is_held(s, want)
			       ? NULL
			       : "is missing";
	set_conflict(ctx, m, s, foreign);
	return NULL;
}

/* False: there is none that can be taken over. */
static bool draft_adoption(struct plan_context *ctx, struct master_plan *m,
			   struct slave_plan *s, const struct plan_routes *r,
			   const struct model_route *want, const struct plan_span *adds)
{
	const struct model_route *foreign =
		plan_transfer_find_route(m, s, r->have, r->n_have, want);
	struct plan_draft *d;

	if (!foreign || (s && !model_route_is_reject(want) &&
			 want->to.addr.family == AF_INET6 && plan_mtu_forbids_ipv6(s)))
		return false;
	d = plan_draft_new(ctx, PLAN_OP_ROUTE_ADOPT, m, s, "");
	d->step.u.route = *want;
	d->step.u.route_was = model_route_equals(foreign, want) ? NULL : foreign;
	set_order(ctx, d, m, s, adds);
	return true;
}

/* Routes without a gateway come first: they may lead to the gateway of another. */
void plan_draft_route_creations(struct plan_context *ctx, struct master_plan *m,
				struct slave_plan *s, const struct plan_routes *r,
				bool lost)
{
	struct plan_span adds = {.first = ctx->ops[PLAN_OP_ROUTE_ADD].n};

	for (int with_gateway = 0; with_gateway <= 1; with_gateway++) {
		for (size_t i = 0; i < r->n_want; i++) {
			const struct model_route *want = &r->want[i];
			const char *why;
			struct plan_draft *d;

			if (!!want->via.family != with_gateway ||
			    draft_adoption(ctx, m, s, r, want, &adds))
				continue;
			why = why_add(ctx, m, s, r, want, lost);
			if (!why)
				continue;
			d = plan_draft_new(ctx, PLAN_OP_ROUTE_ADD, m, s, why);
			d->step.is_precaution = find_equal(r, want);
			d->step.u.route = *want;
			set_order(ctx, d, m, s, &adds);
			adds.n++;
		}
	}
}
