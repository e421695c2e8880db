/* Goes back through the history, from the newest transaction on. */
#include "ctl/past/earlier.h"

#include "ctl/output/times.h"
#include "ctl/past/past.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>

/* More than a history has. */
#define MAX_READ 2000

static struct err *go_back(struct context *ctx, const struct past *p)
{
	struct err *e;

	if (!p->json)
		return err_new(ERR_UNSUPPORTED,
			       "transaction %" PRId64
			       ", which is later, was too large to be "
			       "kept, or the database was converted since",
			       p->serial);
	e = history_revert(ctx->txn, p->json, NULL, 0, NULL);
	if (!e || e->code != ERR_BUSY)
		return e;
	err_free(e);
	return err_hint(err_new(ERR_BUSY, "another client changed rows meanwhile"),
			"try again");
}

/* The states of today are not those of then. */
static void clear_states(const struct context *ctx, const struct table *t)
{
	const struct table_schema *ts = table_schema(t);

	TXN_FOR_EACH_ROW (r, ctx->txn, t) {
		for (size_t i = 0; i < ts->n_columns; i++) {
			const struct column_schema *c = &ts->columns[i];
			struct datum none;

			if (!c->ephemeral)
				continue;
			datum_init_default(&none, &c->type);
			txn_set(ctx->txn, r, c, &none);
		}
	}
}

static struct err *go_to(struct context *ctx, const struct past *past, size_t n,
			 int64_t serial, const char **ret_heading)
{
	size_t i = 0;
	struct err *e = NULL;

	while (i < n && past[i].serial != serial)
		i++;
	if (i == n)
		return err_hint(err_new(ERR_NOT_FOUND,
					"the history has no transaction %" PRId64,
					serial),
				"see `ipvl-ctl history`");
	for (size_t k = 0; k < i && !e; k++)
		e = go_back(ctx, &past[k]);
	if (e)
		return err_wrap(e, "cannot show transaction %" PRId64, serial);
	*ret_heading = arena_printf(
		ctx->arena, "as of transaction %" PRId64 ", %s%s%s%s%s", serial,
		times_date(ctx->arena, past[i].time_ms), *past[i].who ? ", " : "",
		past[i].who, *past[i].command ? ": " : "", past[i].command);
	return NULL;
}

struct err *earlier_go_to(struct context *ctx, const char *number,
			  const char **ret_heading)
{
	CLEANUP(json_freep) struct json_object *all = NULL;
	struct past *past;
	uint64_t serial;
	struct err *e;
	size_t n;

	if (!text_to_uint(number, 1, INT64_MAX - 1, &serial))
		return err_hint(err_new(ERR_INVALID,
					"--at=%s: give the number of a transaction",
					number),
				"see `ipvl-ctl history`");
	e = past_read(ctx, 0, MAX_READ, &all, &past, &n);
	if (!e)
		e = go_to(ctx, past, n, (int64_t)serial, ret_heading);
	if (e)
		return e;
	clear_states(ctx, ctx->columns.master.table);
	clear_states(ctx, ctx->columns.slave.table);
	ctx->is_earlier = true;
	return NULL;
}
