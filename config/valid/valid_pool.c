/* What leases have to do with slaves and pools. Whoever allocates by other means than
 * config/pool/lease.h, or edits a pool in use, meets these. */
#include "config/valid/valid_pool.h"

#include "config/pool/pool_check.h"
#include "config/pool/pool_rows.h"

#include <string.h>

static const struct row *pool_of(const struct valid_txn *t, const struct row *lease)
{
	const struct datum *d = valid_row_get(t, lease, t->c->lease.pool);

	return d->n ? txn_find(t->txn, t->c->pool.table, &datum_keys(d)->uuid) : NULL;
}

/* A file in which nothing else was declared yet has no host. */
static struct err *check_host(const struct valid_txn *t, const struct row *pool)
{
	const char *name = valid_row_text(t, pool, t->c->pool.host);

	TXN_FOR_EACH_ROW (host, t->txn, t->c->host.table) {
		if (!strcmp(valid_row_text(t, host, t->c->host.name), name))
			return NULL;
	}
	if (!*name && !txn_first(t->txn, t->c->host.table))
		return NULL;
	return err_hint(err_new(ERR_CONSTRAINT, "no such host: \"%s\"", name),
			"set host to the name of the row of table Host");
}

/* O(leases): a pool seldom changes. */
static struct err *check_leases(const struct valid_txn *t, const struct row *row,
				const struct pool *p)
{
	TXN_FOR_EACH_ROW (lease, t->txn, t->c->lease.table) {
		const char *text = valid_row_text(t, lease, t->c->lease.address);
		struct ip_addr addr;
		struct err *e;

		if (pool_of(t, lease) != row)
			continue;
		e = ip_addr_parse(text, &addr);
		if (!e && !pool_subnet_of(p, &addr))
			return err_hint(err_new(ERR_CONSTRAINT,
						"%s is leased from pool %s, and outside "
						"every subnet that it would have (%s)",
						text, p->name,
						pool_subnets_text(t->a, p, 0)),
					"keep its subnet until no slave has an address "
					"of it");
		err_free(e);
	}
	return NULL;
}

struct err *valid_pool_row(const struct valid_txn *t, const struct row *pool,
			   const char **ret_column)
{
	enum pool_field field = POOL_OBJECT;
	struct pool p;
	size_t index;
	struct err *e = pool_rows_read(t->c, t->txn, pool, t->a, &p);

	if (e) {
		*ret_column = strchr(e->path, '.') + 1;
		*ret_column =
			table_schema_find(table_schema(t->c->pool.table), *ret_column)
				->name;
		return e;
	}
	e = pool_check(&p, &field, &index);
	*ret_column = pool_field_name(field);
	if (e)
		return e;
	*ret_column = t->c->pool.host->name;
	e = check_host(t, pool);
	if (e)
		return e;
	*ret_column = t->c->pool.subnets->name;
	return check_leases(t, pool, &p);
}

/* The slaves that have leases of the pool: "ns1/ipvl1 and 2 others". */
static const char *users_of(const struct valid_txn *t, const char *pool)
{
	const char *first = "a slave";
	size_t n = 0;

	TXN_FOR_EACH_ROW (slave, t->txn, t->c->slave.table) {
		if (strcmp(valid_row_text(t, slave, t->c->slave.pool), pool) != 0)
			continue;
		first = n ? first : valid_row_label(t, slave);
		n++;
	}
	if (n < 2)
		return first;
	return arena_printf(t->a, "%s and %zu other%s", first, n - 1, n > 2 ? "s" : "");
}

/* A lease without a slave is gone by now; one without a pool had one that is deleted. */
struct err *valid_pool_lease(const struct valid_txn *t, const struct change *lease,
			     const char **ret_pool)
{
	const struct datum *old = change_old(lease, t->c->lease.pool);
	const struct row *pool;
	const char *name = "";

	if (change_new(lease, t->c->lease.pool)->n)
		return NULL;
	pool = old && old->n ? table_find(t->c->pool.table, &datum_keys(old)->uuid)
			     : NULL;
	if (pool)
		name = datum_text(row_get(pool, t->c->pool.name));
	*ret_pool = name;
	return err_hint(err_new(ERR_CONSTRAINT, "pool %s is in use by %s", name,
				users_of(t, name)),
			"first remove its slaves, or take them out of it: `ipvl-ctl "
			"set-slave SLAVE pool=[]`");
}

static struct err *no_lease(const char *what)
{
	return err_hint(err_new(ERR_CONSTRAINT, "%s", what),
			"`ipvl-ctl set-slave` chooses addresses and keeps the leases; "
			"other clients write both");
}

static struct err *check_lease(const struct valid_txn *t, const struct row *lease,
			       const struct row *pool, const struct model_slave *s)
{
	const char *text = valid_row_text(t, lease, t->c->lease.address);
	struct ip_addr addr;
	struct err *e = ip_addr_parse(text, &addr);

	if (e)
		return e;
	if (pool_of(t, lease) != pool)
		return no_lease(
			arena_printf(t->a, "its lease of %s is of another pool", text));
	if (!model_slave_has_address(s, &addr))
		return no_lease(arena_printf(
			t->a, "it has a lease of %s, and not the address", text));
	return NULL;
}

/* With addressing=external nothing takes an address from the device, and the pool gives it to
 * another slave, which the kernel refuses. */
static struct err *check_left(const struct valid_txn *t, const struct row *slave,
			      const struct model_slave *s)
{
	if (s->addresses_managed || *s->pool || !row_get(slave, t->c->slave.leases)->n)
		return NULL;
	return err_hint(
		err_new(ERR_CONSTRAINT,
			"it leaves pool %s and declares no addresses, so its device "
			"would keep one that the pool gives to others",
			datum_text(row_get(slave, t->c->slave.pool))),
		"first declare `addresses: []` (addressing=static); later it may be "
		"left out");
}

/* Leases and addresses of the pool are as many, and each lease has its address. */
struct err *valid_pool_slave(const struct valid_txn *t, const struct row *slave,
			     const struct model_slave *s)
{
	const struct datum *leases = valid_row_get(t, slave, t->c->slave.leases);
	const struct row *pool =
		*s->pool ? pool_rows_find(t->c, t->txn,
					  valid_row_text(t, slave, t->c->slave.host),
					  s->pool)
			 : NULL;
	struct pool p = {0};
	size_t n = 0;
	struct err *e = NULL;

	if (*s->pool && !pool)
		return err_hint(err_new(ERR_CONSTRAINT, "no such pool: %s", s->pool),
				"see `ipvl-ctl list-pools`");
	e = pool ? pool_rows_read(t->c, t->txn, pool, t->a, &p) : check_left(t, slave, s);
	for (uint32_t i = 0; i < leases->n && !e; i++)
		e = check_lease(
			t,
			txn_find(t->txn, t->c->lease.table, &datum_keys(leases)[i].uuid),
			pool, s);
	for (size_t i = 0; i < s->n_addresses && pool; i++)
		n += pool_subnet_of(&p, &s->addresses[i].addr) != NULL;
	if (!e && n != leases->n)
		e = no_lease(arena_printf(
			t->a, "it has %zu address%s of pool %s, and %u lease%s", n,
			n == 1 ? "" : "es", s->pool, leases->n,
			leases->n == 1 ? "" : "s"));
	else if (!e && pool && !n)
		e = no_lease(arena_printf(t->a, "it has no address of pool %s", s->pool));
	return e;
}
