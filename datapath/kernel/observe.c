/* One observation, from a scope to a model: asks, fills the model, and reads what lies
 * inside the namespaces. A read that changed under us is made again as a whole. */
#include "datapath/kernel/observe_link.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TRIES 5

static int detail_cmp(const void *x, const void *y)
{
	const struct detail *a = x, *b = y;

	return (a->space->nsid > b->space->nsid) - (a->space->nsid < b->space->nsid);
}

static void add_master_details(struct look *l, struct model_master *have,
			       struct detail *details, size_t *n)
{
	const struct model_master *scope =
		model_find_master(l->scope, have->netns, have->name);
	struct space *space = space_add(&l->spaces, have->netns);
	struct detail *d = &details[*n];

	if (!have->seen.ifindex)
		return;
	*d = (struct detail){
		.space = space->same,
		.found =
			look_find(l, (struct known_key){space->nsid, have->seen.ifindex}),
		.master = have,
		.wanted = scope ? scope->routes : NULL,
		.n_wanted = scope ? scope->n_routes : 0,
	};
	++*n;
}

static void add_slave_details(struct look *l, const struct model_master *master,
			      struct model_slave *have, struct detail *details, size_t *n)
{
	const struct model_master *scope_master =
		model_find_master(l->scope, master->netns, master->name);
	const struct model_slave *scope =
		scope_master ? model_find_slave(scope_master, have->netns, have->name)
			     : NULL;
	struct space *space =
		space_add(&l->spaces, *have->netns ? have->netns : master->netns);
	struct detail *d = &details[*n];

	if (space->state != NETNS_LIVE ||
	    (!have->seen.ifindex && !(scope && scope->n_routes)))
		return;
	*d = (struct detail){
		.space = space->same,
		.found =
			look_find(l, (struct known_key){space->nsid, have->seen.ifindex}),
		.slave = have,
		.wanted = scope ? scope->routes : NULL,
		.n_wanted = scope ? scope->n_routes : 0,
		.sysctls = scope ? scope->sysctls : NULL,
		.n_sysctls = scope ? scope->n_sysctls : 0,
		.declared = scope ? scope->addresses : NULL,
		.n_declared = scope ? scope->n_addresses : 0,
	};
	++*n;
}

static struct err *read_inside(struct look *l, struct model *have)
{
	struct detail *details;
	size_t n = have->n_masters;

	for (size_t i = 0; i < have->n_masters; i++)
		n += have->masters[i].n_slaves;
	details = arena_array(l->a, n, sizeof(*details));
	n = 0;
	for (size_t i = 0; i < have->n_masters; i++) {
		struct model_master *m = &have->masters[i];

		add_master_details(l, m, details, &n);
		for (size_t k = 0; k < m->n_slaves; k++)
			add_slave_details(l, m, &m->slaves[k], details, &n);
	}
	if (n > 1)
		qsort(details, n, sizeof(*details), detail_cmp);
	return look_read_details(l, details, n);
}

static struct err *look_once(struct kernel *k, const struct model *scope,
			     enum datapath_depth depth, struct arena *a,
			     struct model **ret_have)
{
	struct look l = {.k = k, .scope = scope, .depth = depth, .a = a};
	struct model *have = arena_alloc(a, sizeof(*have));
	struct err *e;

	space_table_init(&l.spaces, k, a);
	e = look_ask_all(&l);
	if (!e) {
		look_fill(&l, have);
		look_remember(&l);
	}
	if (!e && depth != DATAPATH_PORTS)
		e = read_inside(&l, have);
	look_clear(&l);
	if (e)
		return e;
	model_sort(have);
	*ret_have = have;
	return NULL;
}

struct err *kernel_observe(struct datapath *dp, const struct model *scope,
			   enum datapath_depth depth, struct arena *a,
			   struct model **ret_have)
{
	struct kernel *k = (struct kernel *)dp;
	struct err *e = look_once(k, scope, depth, a, ret_have);

	for (int try = 1; e && e->code == ERR_INTERRUPTED && try < MAX_TRIES; try++) {
		err_free(e);
		e = look_once(k, scope, depth, a, ret_have);
	}
	return e;
}
