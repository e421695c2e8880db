/* The rows of `export` and `edit` as a model, and its text. What is read back and applied
 * changes nothing. */
#include "ctl/text/export.h"

#include "config/pool/pool_rows.h"
#include "config/yaml/write.h"
#include "ctl/text/show_select.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct err *read_master(struct context *ctx, const struct shown *s,
			       struct model_master *m)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct err *e = rows_read_master(c, ctx->txn, s->master, ctx->arena, m);

	if (e)
		return e;
	m->slaves = arena_array(ctx->arena, s->n_slaves, sizeof(*m->slaves));
	m->n_slaves = s->n_slaves;
	for (size_t i = 0; i < s->n_slaves && !e; i++)
		e = rows_read_slave(c, ctx->txn, s->slaves[i], ctx->arena, &m->slaves[i]);
	return e;
}

static int pool_cmp(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* All of them, in whatever part of the rows is written: its slaves may name any. */
static struct err *read_pools(struct context *ctx, struct pool **ret_pools, size_t *ret_n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct pool *pools = arena_array(
		ctx->arena, txn_scan_length(ctx->txn, c->pool.table), sizeof(*pools));
	size_t n = 0;
	struct err *e = NULL;

	TXN_FOR_EACH_ROW (r, ctx->txn, c->pool.table) {
		if (!e)
			e = pool_rows_read(c, ctx->txn, r, ctx->arena, &pools[n++]);
	}
	if (n > 1)
		qsort(pools, n, sizeof(*pools), pool_cmp);
	*ret_pools = pools;
	*ret_n = n;
	return e;
}

struct err *export_text(struct context *ctx, char *const *words, size_t n,
			const char *comment, const char **ret_text)
{
	CLEANUP(freep) char *text = NULL;
	struct model m = {0};
	struct shown *shown;
	struct pool *pools;
	size_t n_pools;
	struct err *e = show_select(ctx, words, n, &shown, &m.n_masters);

	if (e)
		return e;
	m.masters = arena_array(ctx->arena, m.n_masters, sizeof(*m.masters));
	for (size_t i = 0; i < m.n_masters && !e; i++)
		e = read_master(ctx, &shown[i], &m.masters[i]);
	if (!e)
		e = read_pools(ctx, &pools, &n_pools);
	if (e)
		return e;
	text = write_model(&m, pools, n_pools, comment);
	*ret_text = arena_strdup(ctx->arena, text);
	return NULL;
}

struct err *export_change(struct context *ctx, const char **ret_before,
			  const char **ret_after)
{
	struct txn *txn = ctx->txn;
	struct err *e = export_text(ctx, NULL, 0, "", ret_after);

	if (e)
		return e;
	ctx->txn = txn_new(ctx->db, txn_origin(txn));
	e = export_text(ctx, NULL, 0, "", ret_before);
	txn_free(ctx->txn);
	ctx->txn = txn;
	return e;
}
