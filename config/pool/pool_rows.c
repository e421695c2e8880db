/* Pools as rows, and back; pools and leases by their indexes. */
#include "config/pool/pool_rows.h"

#include "config/rows.h"

#include <assert.h>
#include <string.h>

struct row *pool_rows_find(const struct ipvl_columns *c, const struct txn *txn,
			   const char *host, const char *name)
{
	const struct column_type *type = &c->pool.name->type;
	struct datum data[2];
	const struct datum *key[2] = {&data[0], &data[1]};
	struct row *r;

	datum_init_empty(&data[0]);
	datum_init_empty(&data[1]);
	datum_set_string(&data[0], type, host);
	datum_set_string(&data[1], type, name);
	r = txn ? txn_find_by_index(txn, c->pool.table, 0, key)
		: table_find_by_index(c->pool.table, 0, data);
	datum_clear(&data[0], type);
	datum_clear(&data[1], type);
	return r;
}

struct row *pool_rows_find_lease(const struct ipvl_columns *c, const struct txn *txn,
				 const struct row *pool, const char *address)
{
	struct datum data[2];
	const struct datum *key[2] = {&data[0], &data[1]};
	struct row *r;

	datum_init_empty(&data[0]);
	datum_append(&data[0], (union atom){.uuid = *row_uuid(pool)}, NULL);
	datum_init_empty(&data[1]);
	datum_set_string(&data[1], &c->lease.address->type, address);
	r = txn ? txn_find_by_index(txn, c->lease.table, 0, key)
		: table_find_by_index(c->lease.table, 0, data);
	datum_clear(&data[0], &c->lease.pool->type);
	datum_clear(&data[1], &c->lease.address->type);
	return r;
}

/* Takes 'e' and 'right'; the column becomes the path. */
static struct err *in_column(struct err *e, const struct column_schema *c,
			     const char *text, const char *right)
{
	if (!e && strcmp(text, right) != 0)
		e = err_hint(
			err_new(ERR_INVALID, "\"%s\" is not in its canonical form", text),
			"write \"%s\"", right);
	return e ? err_at(e, "Pool.%s", c->name) : NULL;
}

static struct err *read_subnets(const struct column_schema *c, const struct datum *d,
				struct arena *a, struct pool *p)
{
	struct err *e = NULL;

	p->subnets = arena_array(a, d->n, sizeof(*p->subnets));
	p->n_subnets = d->n;
	for (uint32_t i = 0; i < d->n && !e; i++) {
		const char *text = datum_keys(d)[i].string, *right = text;
		char buf[IP_TEXT_BYTES];

		e = pool_parse_subnet(text, &p->subnets[i]);
		if (!e)
			right = ip_prefix_format(&p->subnets[i], buf);
		e = in_column(e, c, text, right);
	}
	return e;
}

static struct err *read_ranges(const struct column_schema *c, const struct datum *d,
			       struct arena *a, struct pool_range **ret_ranges,
			       size_t *ret_n)
{
	struct pool_range *ranges = arena_array(a, d->n, sizeof(*ranges));
	struct err *e = NULL;

	for (uint32_t i = 0; i < d->n && !e; i++) {
		const char *text = datum_keys(d)[i].string;

		e = pool_parse_range(text, &ranges[i]);
		e = in_column(e, c, text, e ? text : pool_range_text(a, &ranges[i]));
	}
	*ret_ranges = ranges;
	*ret_n = d->n;
	return e;
}

static struct err *read_gateways(const struct column_schema *c, const struct datum *d,
				 struct arena *a, struct pool *p)
{
	struct err *e = NULL;

	p->gateways = arena_array(a, d->n, sizeof(*p->gateways));
	p->n_gateways = d->n;
	for (uint32_t i = 0; i < d->n && !e; i++) {
		const char *text = datum_keys(d)[i].string, *right = text;
		char buf[IP_TEXT_BYTES];

		e = ip_addr_parse(text, &p->gateways[i]);
		if (!e)
			right = ip_addr_format(&p->gateways[i], buf);
		e = in_column(e, c, text, right);
	}
	return e;
}

struct err *pool_rows_read(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *r, struct arena *a, struct pool *ret_pool)
{
	struct pool p = {
		.name = arena_strdup(a, datum_text(rows_get(txn, r, c->pool.name)))};
	struct err *e =
		read_subnets(c->pool.subnets, rows_get(txn, r, c->pool.subnets), a, &p);

	if (!e)
		e = read_ranges(c->pool.ranges, rows_get(txn, r, c->pool.ranges), a,
				&p.ranges, &p.n_ranges);
	if (!e)
		e = read_ranges(c->pool.excluded, rows_get(txn, r, c->pool.excluded), a,
				&p.excluded, &p.n_excluded);
	if (!e)
		e = read_gateways(c->pool.gateway, rows_get(txn, r, c->pool.gateway), a,
				  &p);
	if (e)
		return e;
	pool_sort(&p);
	*ret_pool = p;
	return NULL;
}

static void write_ranges(struct txn *txn, struct row *r, const struct column_schema *c,
			 const struct pool_range *ranges, size_t n)
{
	struct arena *a = arena_new();
	const char **texts = arena_array(a, n, sizeof(*texts));

	for (size_t i = 0; i < n; i++)
		texts[i] = pool_range_text(a, &ranges[i]);
	txn_set_strings(txn, r, c, texts, n);
	arena_free(a);
}

void pool_rows_write(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		     const struct pool *p)
{
	struct arena *a = arena_new();
	const char **subnets = arena_array(a, p->n_subnets, sizeof(*subnets));
	const char **gateways = arena_array(a, p->n_gateways, sizeof(*gateways));
	char buf[IP_TEXT_BYTES];

	for (size_t i = 0; i < p->n_subnets; i++)
		subnets[i] = arena_strdup(a, ip_prefix_format(&p->subnets[i], buf));
	for (size_t i = 0; i < p->n_gateways; i++)
		gateways[i] = arena_strdup(a, ip_addr_format(&p->gateways[i], buf));
	txn_set_string(txn, r, c->pool.name, p->name);
	txn_set_strings(txn, r, c->pool.subnets, subnets, p->n_subnets);
	write_ranges(txn, r, c->pool.ranges, p->ranges, p->n_ranges);
	write_ranges(txn, r, c->pool.excluded, p->excluded, p->n_excluded);
	txn_set_strings(txn, r, c->pool.gateway, gateways, p->n_gateways);
	arena_free(a);
}

struct row *pool_rows_add(const struct ipvl_columns *c, struct txn *txn, const char *host,
			  const struct pool *p)
{
	struct row *r;
	struct err *e = txn_insert(txn, c->pool.table, NULL, &r);

	assert(!e); /* a random UUID is new */
	txn_set_string(txn, r, c->pool.host, host);
	pool_rows_write(c, txn, r, p);
	return r;
}
