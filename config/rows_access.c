/* Slave.host_access: the routes by which the namespace of a slave reaches the other slaves of
 * its master. */
#include "config/canon.h"
#include "config/rows.h"

#include <stdlib.h>
#include <string.h>

struct search {
	const struct ipvl_columns *c;
	const struct txn *txn;
	struct arena *a;
	struct model_slave *s;
	bool is_l2;
	struct model_route *found;
	size_t n_found, cap;
};

static const struct datum *get(const struct search *q, const struct row *r,
			       const struct column_schema *column)
{
	return rows_get(q->txn, r, column);
}

static int route_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

/* In mode l2 the others answer to an address of the slave alone; without one, a route would
 * only take the traffic away from the router that may reach them. */
static bool is_answered(const struct search *q, const struct ip_addr *to)
{
	for (size_t i = 0; i < q->s->n_addresses; i++) {
		if (q->s->addresses[i].addr.family == to->family)
			return true;
	}
	return !q->is_l2;
}

static void add_route(struct search *q, const struct ip_addr *to)
{
	struct model_route r = {.to = {.addr = *to, .len = (uint8_t)ip_addr_bits(to)},
				.table = MODEL_ROUTE_TABLE_MAIN};

	if (q->s->n_routes &&
	    bsearch(&r, q->s->routes, q->s->n_routes, sizeof(*q->s->routes), route_cmp))
		return;
	q->found = arena_grow(q->a, q->found, q->n_found, &q->cap, sizeof(*q->found));
	q->found[q->n_found++] = r;
}

/* A text that is no address is an error of its own row. */
static void add_routes_to(struct search *q, const struct row *other)
{
	const struct datum *d = get(q, other, q->c->slave.addresses);
	struct ip_prefix p;

	for (uint32_t i = 0; i < d->n; i++) {
		struct err *e = canon_address_parse(datum_keys(d)[i].string, &p);

		if (!e && is_answered(q, &p.addr))
			add_route(q, &p.addr);
		err_free(e);
	}
}

/* Both with access, in one namespace. */
static bool precedes(const struct search *q, const struct row *other)
{
	return datum_boolean(get(q, other, q->c->slave.host_access), false) &&
	       datum_boolean(get(q, other, q->c->slave.enabled), true) &&
	       strcmp(datum_text(get(q, other, q->c->slave.name)), q->s->name) < 0;
}

/* The slave's own routes, and those that were found: sorted, and none twice. */
static void put_routes(struct search *q)
{
	struct model_slave *s = q->s;
	struct model_route *all =
		arena_array(q->a, s->n_routes + q->n_found, sizeof(*all));
	size_t n = 0;

	memcpy(all, s->routes, s->n_routes * sizeof(*all));
	memcpy(all + s->n_routes, q->found, q->n_found * sizeof(*all));
	qsort(all, s->n_routes + q->n_found, sizeof(*all), route_cmp);
	for (size_t i = 0; i < s->n_routes + q->n_found; i++) {
		if (!n || route_cmp(&all[n - 1], &all[i]) != 0)
			all[n++] = all[i];
	}
	s->routes = all;
	s->n_routes = n;
}

void rows_add_access_routes(const struct ipvl_columns *c, const struct txn *txn,
			    const struct row *master, struct arena *a,
			    struct model_slave *s)
{
	struct search q = {.c = c, .txn = txn, .a = a, .s = s};
	const struct datum *slaves = get(&q, master, c->master.slaves);
	enum model_mode mode;

	q.is_l2 = model_mode_from_name(datum_text(get(&q, master, c->master.mode)),
				       &mode) &&
		  mode == MODEL_MODE_L2;
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *r =
			rows_find(txn, c->slave.table, &datum_keys(slaves)[i].uuid);

		if (!r)
			continue;
		if (strcmp(datum_text(get(&q, r, c->slave.netns)), s->netns) != 0) {
			if (datum_boolean(get(&q, r, c->slave.enabled), true))
				add_routes_to(&q, r);
		} else if (precedes(&q, r)) {
			return;
		}
	}
	if (q.n_found)
		put_routes(&q);
}

bool rows_has_access(const struct ipvl_columns *c, const struct txn *txn,
		     const struct row *master, const struct model_master *m)
{
	const struct model_sysctl *proxy =
		model_sysctl_find(m->sysctls, m->n_sysctls, "ipv4.proxy_arp");
	const struct datum *slaves = rows_get(txn, master, c->master.slaves);

	for (uint32_t i = 0; proxy && i < slaves->n; i++) {
		const struct row *r =
			rows_find(txn, c->slave.table, &datum_keys(slaves)[i].uuid);

		if (r && !*datum_text(rows_get(txn, r, c->slave.netns)) &&
		    datum_boolean(rows_get(txn, r, c->slave.host_access), false))
			return true;
	}
	return false;
}
