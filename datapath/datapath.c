/* Calls through the table of functions of whichever provider a datapath belongs to. */
#include "datapath/datapath.h"

#include <assert.h>

/* The first member of every provider's state. */
static struct datapath_base *base(struct datapath *dp)
{
	return (struct datapath_base *)dp;
}

struct err *datapath_open(const struct datapath_provider *p,
			  const struct datapath_config *config, struct datapath **ret_dp)
{
	struct datapath *dp = NULL;
	struct err *e = p->open(config, &dp);

	if (e)
		return e;
	base(dp)->provider = p;
	*ret_dp = dp;
	return NULL;
}

void datapath_close(struct datapath *dp)
{
	if (dp)
		base(dp)->provider->close(dp);
}

int datapath_event_fd(const struct datapath *dp)
{
	return ((const struct datapath_base *)dp)->event_fd;
}

struct err *datapath_observe(struct datapath *dp, const struct model *scope,
			     enum datapath_depth depth, struct arena *a,
			     struct model **ret_have)
{
	struct model *have = NULL;
	struct err *e;

	assert(model_is_sorted(scope));
	e = base(dp)->provider->observe(dp, scope, depth, a, &have);
	if (e)
		return e;
	assert(model_is_sorted(have));
	*ret_have = have;
	return NULL;
}

static void add_odd_route(struct arena *a, struct model_slave *s,
			  const struct model_route *r, const char *why)
{
	size_t cap = s->seen.n_odd_routes;

	s->seen.odd_routes =
		arena_grow(a, s->seen.odd_routes, cap, &cap, sizeof(*s->seen.odd_routes));
	s->seen.odd_routes[s->seen.n_odd_routes++] =
		(struct model_odd_route){model_route_text(a, r), why};
}

/* A row has the routes of its VRF in the main table, and none that are there. */
static void put_in_main(struct arena *a, struct model_slave *s)
{
	size_t n = 0;

	if (!s->seen.vrf_table)
		return;
	for (size_t i = 0; i < s->n_routes; i++) {
		struct model_route *r = &s->routes[i];

		if (r->table == MODEL_ROUTE_TABLE_MAIN) {
			add_odd_route(a, s, r,
				      "it is in the main table, and its device in a VRF");
			continue;
		}
		if (r->table == s->seen.vrf_table)
			r->table = MODEL_ROUTE_TABLE_MAIN;
		s->routes[n++] = *r;
	}
	s->n_routes = n;
}

struct err *datapath_survey(struct datapath *dp, const struct model *scope,
			    enum datapath_survey_use use, struct arena *a,
			    struct model **ret_have)
{
	const struct datapath_provider *p = base(dp)->provider;
	struct model *have = NULL;
	struct err *e;

	assert(model_is_sorted(scope));
	if (!p->survey)
		return err_new(
			ERR_UNSUPPORTED,
			"the datapath \"%s\" cannot list devices that ipvl did not "
			"make",
			p->id.name);
	e = p->survey(dp, scope, use, a, &have);
	if (e)
		return e;
	assert(model_is_sorted(have));
	for (size_t i = 0; i < have->n_masters; i++) {
		for (size_t k = 0; k < have->masters[i].n_slaves; k++)
			put_in_main(a, &have->masters[i].slaves[k]);
	}
	model_sort(have);
	*ret_have = have;
	return NULL;
}

struct err *datapath_lookup(struct datapath *dp, struct datapath_lookup *l,
			    struct arena *a)
{
	const struct datapath_provider *p = base(dp)->provider;

	if (!p->lookup)
		return err_new(ERR_UNSUPPORTED,
			       "the datapath \"%s\" cannot look up routes", p->id.name);
	l->fate = DATAPATH_REFUSED;
	l->sys_errno = 0;
	l->is_guessed = false;
	l->device = "";
	l->via = l->source = (struct ip_addr){0};
	return p->lookup(dp, l, a);
}

struct err *datapath_ping(struct datapath *dp, const struct datapath_ping *p, int *ret_fd)
{
	const struct datapath_provider *provider = base(dp)->provider;

	if (!provider->ping)
		return err_new(ERR_UNSUPPORTED, "the datapath \"%s\" sends nothing",
			       provider->id.name);
	return provider->ping(dp, p, ret_fd);
}

struct err *datapath_count(struct datapath *dp, struct datapath_counters *list, size_t n)
{
	const struct datapath_provider *p = base(dp)->provider;

	if (!p->count)
		return err_new(ERR_UNSUPPORTED,
			       "the datapath \"%s\" does not count packets", p->id.name);
	return p->count(dp, list, n);
}

void datapath_apply(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		    struct plan_result *results)
{
	base(dp)->provider->apply(dp, steps, n, results);
}

void datapath_drain(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	base(dp)->provider->drain(dp, fn, aux);
}

void datapath_hold(struct datapath *dp, bool on)
{
	if (base(dp)->provider->hold)
		base(dp)->provider->hold(dp, on);
}

bool datapath_can_announce(const struct datapath *dp)
{
	return ((const struct datapath_base *)dp)->provider->announce;
}

bool datapath_announce(struct datapath *dp, struct datapath_announcement *list, size_t n)
{
	return base(dp)->provider->announce(dp, list, n);
}
