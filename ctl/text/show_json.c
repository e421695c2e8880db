/* The tree of `show` for other programs: all columns of the tables. */
#include "ctl/text/show_json.h"

#include "ctl/output/value.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

static struct json_object *row_json(const struct context *ctx, const struct row *r,
				    const struct column_schema *except)
{
	const struct table_schema *ts = table_schema(row_table(r));
	struct json_object *json = json_object();

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (c != except)
			json_put(json, c->name,
				 value_json(txn_get(ctx->txn, r, c), &c->type));
	}
	return json;
}

static struct json_object *master_json(const struct context *ctx,
				       const struct shown *shown)
{
	const struct column_schema *members = ctx->columns.master.slaves;
	struct json_object *json = row_json(ctx, shown->master, members);
	struct json_object *all = json_array();

	for (size_t i = 0; i < shown->n_slaves; i++)
		json_add(all, row_json(ctx, shown->slaves[i], NULL));
	json_put(json, members->name, all);
	return json;
}

void show_json(const struct context *ctx, const struct shown *shown, size_t n)
{
	CLEANUP(json_freep) struct json_object *all = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(all, master_json(ctx, &shown[i]));
	writer_print_tree(ctx->out, ctx->options.format, all);
}
