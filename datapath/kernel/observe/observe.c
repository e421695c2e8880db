/* One observation, from a scope to a model: asks for links, fills the model, reads what
 * lies inside the namespaces. If something changed meanwhile, all of it is repeated. */
#include "datapath/kernel/observe/observe.h"

#include "datapath/kernel/observe/observe_ask.h"
#include "datapath/kernel/observe/observe_detail.h"
#include "datapath/kernel/observe/observe_link.h"
#include "datapath/kernel/observe/observe_model.h"
#include "datapath/kernel/observe/observe_netns.h"
#include "datapath/kernel/observe/observe_remember.h"
#include "datapath/kernel/observe/observe_strangers.h"
#include "datapath/kernel/observe/observe_sysctl.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TRIES 5

static int detail_cmp(const void *x, const void *y)
{
	const struct observed_detail *a = x, *b = y;

	return (a->ns->nsid > b->ns->nsid) - (a->ns->nsid < b->ns->nsid);
}

/* The keys that are declared, and those that are recorded. */
static const struct model_sysctl *keys_of(struct observation *o,
					  const struct model_master *scope, size_t *ret_n)
{
	struct model_sysctl *keys =
		arena_array(o->a, scope->n_sysctls + scope->n_saved, sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < scope->n_sysctls; i++)
		keys[n++].key = scope->sysctls[i].key;
	for (size_t i = 0; i < scope->n_saved; i++) {
		if (!model_sysctl_find(scope->sysctls, scope->n_sysctls,
				       scope->saved[i].key))
			keys[n++].key = scope->saved[i].key;
	}
	*ret_n = n;
	return keys;
}

/* What its sysctls will begin with is to be read. */
static bool is_to_be_made(const struct model_master *scope)
{
	return scope && scope->n_sysctls && model_master_is_made(scope);
}

static void add_master_details(struct observation *o, struct model_master *have,
			       struct observed_detail *details, size_t *n)
{
	const struct model_master *scope =
		model_find_master(o->scope, have->netns, have->name);
	struct netns_ref *ns = netns_table_add(&o->netns, have->netns);
	struct observed_detail *d = &details[*n];

	if (ns->state != NETNS_LIVE || (!have->seen.ifindex && !is_to_be_made(scope)))
		return;
	*d = (struct observed_detail){.ns = ns->same, .master = have};
	if (scope)
		d->sysctls = keys_of(o, scope, &d->n_sysctls);
	if (have->seen.ifindex) {
		d->found = observe_link_find(
			o, (struct cache_key){ns->nsid, have->seen.ifindex});
		d->wanted = scope ? scope->routes : NULL;
		d->n_wanted = scope ? scope->n_routes : 0;
		d->moves = scope && model_match_is_set(&scope->match);
	}
	++*n;
}

static void add_slave_details(struct observation *o, const struct model_master *master,
			      struct model_slave *have, struct observed_detail *details,
			      size_t *n)
{
	const struct model_master *scope_master =
		model_find_master(o->scope, master->netns, master->name);
	const struct model_slave *scope =
		scope_master ? model_find_slave(scope_master, have->netns, have->name)
			     : NULL;
	struct netns_ref *ns =
		netns_table_add(&o->netns, *have->netns ? have->netns : master->netns);
	struct observed_detail *d = &details[*n];

	if (ns->state != NETNS_LIVE || (!have->seen.ifindex && !scope))
		return;
	*d = (struct observed_detail){
		.ns = ns->same,
		.found = observe_link_find(
			o, (struct cache_key){ns->nsid, have->seen.ifindex}),
		.slave = have,
		.adopts = scope && scope->adopts,
		.shows_shared = scope || o->depth == DATAPATH_EVERYTHING,
		.wanted = scope ? model_routes_in_table(o->a, scope->routes,
							scope->n_routes,
							have->seen.vrf_table)
				: NULL,
		.n_wanted = scope ? scope->n_routes : 0,
		.sysctls = scope ? scope->sysctls : NULL,
		.n_sysctls = scope ? scope->n_sysctls : 0,
		.declared = scope ? scope->addresses : NULL,
		.n_declared = scope ? scope->n_addresses : 0,
	};
	ns->same->has_shown_slave |= d->shows_shared;
	++*n;
}

static struct err *read_inside(struct observation *o, struct model *have)
{
	struct observed_detail *details;
	size_t n = have->n_masters;
	struct err *e;

	for (size_t i = 0; i < have->n_masters; i++)
		n += have->masters[i].n_slaves;
	details = arena_array(o->a, n, sizeof(*details));
	n = 0;
	for (size_t i = 0; i < have->n_masters; i++) {
		struct model_master *m = &have->masters[i];

		add_master_details(o, m, details, &n);
		for (size_t k = 0; k < m->n_slaves; k++)
			add_slave_details(o, m, &m->slaves[k], details, &n);
	}
	if (n > 1)
		qsort(details, n, sizeof(*details), detail_cmp);
	e = observe_detail_read(o, details, n);
	if (!e)
		e = observe_sysctl_read_left(o, have);
	return e ? e : observe_netns_find_left(o, have);
}

static struct err *observe_once(struct kernel *k, const struct model *scope,
				enum datapath_depth depth, struct arena *a,
				struct model **ret_have)
{
	struct observation o = {.k = k, .scope = scope, .depth = depth, .a = a};
	struct model *have = arena_alloc(a, sizeof(*have));
	struct err *e;

	netns_table_init(&o.netns, k, a);
	e = observe_ask_all(&o);
	if (!e) {
		observe_model_fill(&o, have);
		observe_remember(&o);
	}
	if (!e && depth != DATAPATH_PORTS)
		e = read_inside(&o, have);
	if (!e && depth != DATAPATH_PORTS)
		e = observe_strangers_hold(&o, have);
	observe_link_clear(&o);
	if (e)
		return e;
	model_sort(have);
	*ret_have = have;
	return NULL;
}

struct err *observe_scope(struct datapath *dp, const struct model *scope,
			  enum datapath_depth depth, struct arena *a,
			  struct model **ret_have)
{
	struct kernel *k = (struct kernel *)dp;
	struct err *e = observe_once(k, scope, depth, a, ret_have);

	for (int try = 1; e && e->code == ERR_INTERRUPTED && try < MAX_TRIES; try++) {
		err_free(e);
		/* A name may stand for another namespace by now. */
		held_make_room(&k->held, HELD_MAX);
		e = observe_once(k, scope, depth, a, ret_have);
	}
	return e;
}
