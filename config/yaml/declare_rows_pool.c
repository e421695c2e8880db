/* Pools of files as rows. As a master, a pool may have several sources, and stays as long as
 * something depends on it. */
#include "config/yaml/declare_rows_pool.h"

#include "config/pool/pool_rows.h"
#include "config/rows.h"
#include "config/rows_source.h"
#include "config/yaml/declare_source.h"
#include "config/yaml/document_data.h"
#include "lib/alloc.h"

#include <string.h>

static struct place place_of(const struct document *d, const struct pool *p)
{
	const struct pool_places *at = &d->pool_places[p - d->pools];

	return at->fields[POOL_NAME].line ? at->fields[POOL_NAME] : at->object;
}

static void refuse(const struct document *d, const struct pool *p, const char *source,
		   size_t line, struct document_errors *errors)
{
	struct err *e;

	if (line)
		e = err_new(ERR_INVALID,
			    "pool %s is declared differently in %s, line %zu", p->name,
			    source, line);
	else
		e = err_new(ERR_INVALID, "pool %s is declared differently by %s", p->name,
			    source);
	document_errors_add(
		errors, d, place_of(d, p),
		err_hint(e, "declare it in one of the two, or alike in both"));
}

struct adding {
	const struct ipvl_columns *c;
	struct txn *txn;
	const char *host, *source;
	const struct document *d;
	const struct document *const *others;
	size_t n_others;
	struct document_errors *errors;
	struct arena *a;
};

/* The other sources of the row must agree: by their documents, else by the row as it is. */
static bool check_sources(const struct adding *q, const struct row *r,
			  const struct pool *p)
{
	const struct datum *sources = txn_get(q->txn, r, q->c->pool.sources);
	bool ok = true;

	for (uint32_t i = 0; i < sources->n; i++) {
		const char *source = datum_keys(sources)[i].string;
		const struct document *other =
			declare_source_find(q->others, q->n_others, source);
		const struct pool *there =
			other ? document_find_pool(other, p->name) : NULL;
		struct pool row;

		if (!strcmp(source, q->source) || (other && !there))
			continue;
		if (!other) {
			struct err *e = pool_rows_read(q->c, q->txn, r, q->a, &row);

			err_free(e);
			if (e)
				continue; /* it is no valid declaration of any source */
		}
		if (pool_equals(there ? there : &row, p))
			continue;
		refuse(q->d, p, source, there ? place_of(other, there).line : 0,
		       q->errors);
		ok = false;
	}
	return ok;
}

static bool add_pool(const struct adding *q, const struct pool *p)
{
	struct row *r = pool_rows_find(q->c, q->txn, q->host, p->name);

	if (r && !check_sources(q, r, p))
		return false;
	if (r)
		pool_rows_write(q->c, q->txn, r, p);
	else
		r = pool_rows_add(q->c, q->txn, q->host, p);
	rows_source_set(q->txn, r, q->c->pool.sources, q->source, true);
	return true;
}

bool declare_rows_add_pools(const struct ipvl_columns *c, struct txn *txn,
			    const struct row *host, const char *source,
			    const struct document *d,
			    const struct document *const *others, size_t n_others,
			    struct document_errors *errors)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct adding q = {
		.c = c,
		.txn = txn,
		.host = arena_strdup(a, datum_text(txn_get(txn, host, c->host.name))),
		.source = source,
		.d = d,
		.others = others,
		.n_others = n_others,
		.errors = errors,
		.a = a,
	};
	bool ok = true;

	for (size_t i = 0; d && i < d->n_pools; i++)
		ok &= add_pool(&q, &d->pools[i]);
	return ok;
}

static bool is_used(const struct ipvl_columns *c, const struct txn *txn, const char *host,
		    const char *name)
{
	TXN_FOR_EACH_ROW (r, txn, c->slave.table) {
		if (!strcmp(datum_text(txn_get(txn, r, c->slave.pool)), name) &&
		    !strcmp(datum_text(txn_get(txn, r, c->slave.host)), host))
			return true;
	}
	return false;
}

void declare_rows_forget_pools(const struct ipvl_columns *c, struct txn *txn,
			       const struct row *host, const char *source,
			       const struct document *d)
{
	const char *on = datum_text(txn_get(txn, host, c->host.name));

	TXN_FOR_EACH_ROW (r, txn, c->pool.table) {
		const char *name = datum_text(txn_get(txn, r, c->pool.name));

		if (strcmp(datum_text(txn_get(txn, r, c->pool.host)), on) != 0 ||
		    (d && document_find_pool(d, name)) ||
		    !rows_source_has(txn, r, c->pool.sources, source))
			continue;
		rows_source_set(txn, r, c->pool.sources, source, false);
		if (!txn_get(txn, r, c->pool.sources)->n && !is_used(c, txn, on, name))
			txn_delete(txn, r);
	}
}

void declare_rows_compare_pools(const struct document *const *documents, size_t n,
				struct document_errors *errors)
{
	for (size_t i = 0; i < n; i++) {
		const struct document *d = documents[i];

		for (size_t k = 0; k < d->n_pools; k++) {
			const struct pool *p = &d->pools[k], *there = NULL;
			size_t other = 0;

			for (; other < i && !there; other++)
				there = document_find_pool(documents[other], p->name);
			if (!there || pool_equals(there, p))
				continue;
			refuse(d, p, document_file(documents[other - 1]),
			       place_of(documents[other - 1], there).line, errors);
		}
	}
}
