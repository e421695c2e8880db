/* Two rows may have one device, if one of them has a `match`: only an observation shows it. */
#include "datapath/plan/plan_match.h"

#include "datapath/plan/plan_place.h"

#include <assert.h>
#include <string.h>

static bool is_label(const struct master_plan *m)
{
	return model_match_is_set(&m->want->match);
}

bool plan_match_is_open(const struct master_plan *m)
{
	return m->have && *m->have->seen.candidates;
}

static bool is_present(const struct master_plan *m)
{
	return m->have && m->have->seen.presence != MODEL_ABSENT;
}

static bool is_same_device(const struct plan_context *ctx, const struct master_plan *a,
			   const struct master_plan *b)
{
	return is_present(a) && is_present(b) &&
	       a->have->seen.ifindex == b->have->seen.ifindex &&
	       !strcmp(plan_place_netns(ctx, a->want->netns),
		       plan_place_netns(ctx, b->want->netns));
}

static size_t count_carried(const struct master_plan *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->have->n_slaves; i++)
		n += m->have->slaves[i].seen.presence == MODEL_OURS &&
		     m->have->slaves[i].seen.is_on_master;
	return n;
}

/* The current owner keeps the device: a change would cost traffic. After a restart its slaves
 * show who that is. */
static bool precedes(const struct master_plan *a, const struct master_plan *b)
{
	size_t x = count_carried(a), y = count_carried(b);

	if (a->want->is_incumbent != b->want->is_incumbent)
		return a->want->is_incumbent;
	if (!x != !y)
		return x;
	if (is_label(a) != is_label(b))
		return is_label(b);
	return model_master_cmp(a->want, b->want) < 0;
}

const struct master_plan *plan_match_rival(const struct plan_context *ctx,
					   const struct master_plan *m)
{
	const struct master_plan *first = m;

	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		const struct master_plan *other = &ctx->masters[i];

		if (other != m && other->is_wanted && !other->trouble &&
		    (is_label(m) || is_label(other)) && is_same_device(ctx, m, other) &&
		    precedes(other, first))
			first = other;
	}
	return first == m ? NULL : first;
}

const char *plan_match_waiting(struct plan_context *ctx, const struct master_plan *m)
{
	struct model_match others = m->want->match;

	if (!others.default_route)
		return arena_printf(ctx->arena,
				    "waiting for a device with {%s} to appear",
				    model_match_text(ctx->arena, &m->want->match));
	others.default_route = false;
	if (!model_match_is_set(&others))
		return "waiting for a default route by a device that can carry ipvlans";
	return arena_printf(ctx->arena,
			    "waiting for a default route by a device with {%s}",
			    model_match_text(ctx->arena, &others));
}

const char *plan_match_ambiguous(struct plan_context *ctx, const struct master_plan *m)
{
	assert(plan_match_is_open(m));
	return arena_printf(ctx->arena,
			    "%s all fit {%s} equally: add to the `match` of %s what only "
			    "one of them has",
			    m->have->seen.candidates,
			    model_match_text(ctx->arena, &m->want->match),
			    model_master_label(ctx->arena, m->want));
}

const char *plan_match_taken(struct plan_context *ctx, const struct master_plan *m,
			     const struct master_plan *rival)
{
	return arena_printf(
		ctx->arena,
		"the master %s has the device %s already: put the slaves of %s "
		"under that one, or change the `match` of one of the two",
		model_master_label(ctx->arena, rival->want), model_master_device(m->have),
		model_master_label(ctx->arena, m->want));
}

const char *plan_match_elsewhere(struct plan_context *ctx, const struct master_plan *m)
{
	return arena_printf(
		ctx->arena,
		"the default route is by %s now: the slaves stay on %s, which "
		"is up and has carrier",
		m->have->seen.other_device, model_master_device(m->have));
}
