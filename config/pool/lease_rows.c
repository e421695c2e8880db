/* Keeps the leases of a row in step with its addresses. */
#include "config/pool/lease.h"

#include "config/canon.h"
#include "config/pool/lease_source.h"
#include "config/pool/pool_rows.h"
#include "config/rows.h"
#include "lib/alloc.h"

#include <assert.h>
#include <string.h>

static struct row *insert_lease(struct leases *l, const struct row *pool,
				const char *address)
{
	struct datum d;
	struct row *r;
	struct err *e = txn_insert(l->txn, l->c->lease.table, NULL, &r);

	assert(!e); /* a random UUID is new */
	datum_init_empty(&d);
	datum_append(&d, (union atom){.uuid = *row_uuid(pool)}, NULL);
	txn_set(l->txn, r, l->c->lease.pool, &d);
	txn_set_string(l->txn, r, l->c->lease.address, address);
	return r;
}

/* A lease of a slave that the transaction deletes still exists, and is taken over. */
static void add_lease(struct leases *l, struct datum *set, const struct row *pool,
		      const struct ip_addr *addr)
{
	char text[IP_TEXT_BYTES];
	struct row *lease =
		pool_rows_find_lease(l->c, l->txn, pool, ip_addr_format(addr, text));

	if (!lease)
		lease = insert_lease(l, pool, text);
	datum_append(set, (union atom){.uuid = *row_uuid(lease)}, NULL);
}

void lease_write(struct leases *l, struct row *slave)
{
	const struct ipvl_columns *c = l->c;
	const struct datum *addresses = txn_get(l->txn, slave, c->slave.addresses);
	const char *name = lease_text(l, slave, c->slave.pool);
	const struct row *pool =
		*name ? pool_rows_find(c, l->txn, lease_text(l, slave, c->slave.host),
				       name)
		      : NULL;
	struct pool p = {0};
	struct datum set;
	struct err *e = pool ? pool_rows_read(c, l->txn, pool, l->a, &p) : NULL;

	datum_init_empty(&set);
	for (uint32_t i = 0; i < addresses->n && pool && !e; i++) {
		struct ip_prefix address;
		struct err *bad =
			canon_address_parse(datum_keys(addresses)[i].string, &address);

		if (!bad && pool_subnet_of(&p, &address.addr))
			add_lease(l, &set, pool, &address.addr);
		err_free(bad);
	}
	err_free(e); /* the validator refuses such a pool */
	e = datum_sort(&set, &c->slave.leases->type);
	err_free(e); /* of distinct addresses */
	txn_set(l->txn, slave, c->slave.leases, &set);
}

static bool is_leased(const struct ipvl_columns *c, const struct txn *txn,
		      const struct row *row, const struct ip_addr *addr)
{
	const struct datum *set = rows_get(txn, row, c->slave.leases);
	char text[IP_TEXT_BYTES];

	ip_addr_format(addr, text);
	for (uint32_t i = 0; i < set->n; i++) {
		const struct row *lease =
			rows_find(txn, c->lease.table, &datum_keys(set)[i].uuid);

		if (lease &&
		    !strcmp(datum_text(rows_get(txn, lease, c->lease.address)), text))
			return true;
	}
	return false;
}

static bool is_by_gateway(const struct pool *p, const struct model_route *r)
{
	for (size_t i = 0; i < p->n_gateways; i++) {
		struct model_route by = lease_route_by(&p->gateways[i]);

		if (model_route_equals(&by, r))
			return true;
	}
	return false;
}

void lease_withdraw(const struct ipvl_columns *c, const struct txn *txn,
		    const struct row *row, struct model_slave *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct row *pool =
		pool_rows_find(c, txn, datum_text(rows_get(txn, row, c->slave.host)),
			       datum_text(rows_get(txn, row, c->slave.pool)));
	struct pool p = {0};
	size_t n_addresses = 0, n_routes = 0;
	struct err *e = pool ? pool_rows_read(c, txn, pool, a, &p) : NULL;

	err_free(e); /* then it has no gateway */
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!is_leased(c, txn, row, &s->addresses[i].addr))
			s->addresses[n_addresses++] = s->addresses[i];
	}
	for (size_t i = 0; i < s->n_routes; i++) {
		if (!is_by_gateway(&p, &s->routes[i]))
			s->routes[n_routes++] = s->routes[i];
	}
	s->n_addresses = n_addresses;
	s->n_routes = n_routes;
}

bool lease_is_lost(const struct ipvl_columns *c, const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (change, txn) {
		const struct datum *pool;
		const struct row *of;

		if (change.table != c->lease.table || change.kind != CHANGE_INSERT)
			continue;
		pool = change_new(&change, c->lease.pool);
		of = pool->n ? table_find(c->pool.table, &datum_keys(pool)->uuid) : NULL;
		if (of && pool_rows_find_lease(
				  c, NULL, of,
				  datum_text(change_new(&change, c->lease.address))))
			return true;
	}
	return false;
}
