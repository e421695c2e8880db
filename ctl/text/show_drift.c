/* Selects and prints rows of Drift, for `drift` and `why`. */
#include "ctl/text/show_drift.h"

#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/output/times.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int drift_cmp(const void *a, const void *b, void *aux)
{
	const struct context *ctx = aux;
	const struct column_schema *time = ctx->columns.drift.time;
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	int64_t at_x = datum_integer(row_get(x, time), 0);
	int64_t at_y = datum_integer(row_get(y, time), 0);

	return at_x < at_y ? -1 : at_x > at_y;
}

/* The object whose drift is shown. */
struct wanted {
	const char *text;   /* NULL: all */
	bool is_slave_name; /* only the name is compared; otherwise the whole label */
};

static bool is_of(const struct wanted *o, const char *label)
{
	const char *slash = o->is_slave_name ? strrchr(label, '/') : NULL;

	return !o->text || !strcmp(o->text, slash ? slash + 1 : label);
}

struct row **show_drift_select(const struct context *ctx, const char *object,
			       size_t *ret_n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct row **rows = arena_array(ctx->arena, table_count(c->drift.table) + 1,
					sizeof(struct row *));
	struct wanted wanted = {.text = object};
	size_t n = 0;

	/* "eth0" is the master of that name, not a slave in some namespace. */
	wanted.is_slave_name = object && !strchr(object, '/') &&
			       !rows_find_master(c, ctx->txn, "", object);
	TABLE_FOR_EACH (r, c->drift.table) {
		if (is_of(&wanted, context_text(ctx, r, c->drift.object)))
			rows[n++] = r;
	}
	qsort_r(rows, n, sizeof(struct row *), drift_cmp, (void *)(uintptr_t)ctx);
	*ret_n = n;
	return rows;
}

const char *show_drift_found(const struct context *ctx, const struct row *r)
{
	const char *actor = context_text(ctx, r, ctx->columns.drift.actor);

	return arena_printf(ctx->arena, "%s%s%s",
			    context_text(ctx, r, ctx->columns.drift.found),
			    *actor ? " by " : "", actor);
}

const char *show_drift_done(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *done = context_text(ctx, r, c->drift.done);
	int64_t took_ms = datum_integer(row_get(r, c->drift.took_ms), 0);
	int64_t count = datum_integer(row_get(r, c->drift.count), 1);

	if (took_ms)
		done = arena_printf(ctx->arena, "%s after %s", done,
				    times_span(ctx->arena, took_ms));
	if (count > 1)
		done = arena_printf(ctx->arena, "%s (%" PRId64 " times in a row)", done,
				    count);
	return done;
}

/* All of a list have the date, or none. 'rows' are sorted by time. */
static const char *time_text(const struct context *ctx, struct row *const *rows,
			     const struct row *r, int64_t now_ms)
{
	const struct column_schema *c = ctx->columns.drift.time;
	const char *first =
		times_local(ctx->arena, datum_integer(row_get(rows[0], c), 0), now_ms);
	int64_t time_ms = datum_integer(row_get(r, c), 0);

	return strchr(first, ' ') ? times_date(ctx->arena, time_ms)
				  : times_local(ctx->arena, time_ms, now_ms);
}

void show_drift_print(const struct context *ctx, struct row *const *rows, size_t n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct layout *l = context_layout(ctx, 0, 2);
	int64_t now_ms = clock_wall_ms();
	size_t widest = 0;

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_ELIDE_START);
	layout_fit(l, 2, LAYOUT_WRAP);
	layout_fit(l, 3, LAYOUT_WRAP);
	for (size_t i = 0; i < n; i++) {
		const struct row *r = rows[i];
		const char *found = show_drift_found(ctx, r);
		size_t width = display_width(found);

		/* A sentence may be longer than LAYOUT_MAX_WIDTH. */
		widest = width > widest ? width : widest;
		layout_row(l);
		layout_cell(l, STYLE_FAINT, time_text(ctx, rows, r, now_ms));
		layout_cell(l, STYLE_STRONG, context_text(ctx, r, c->drift.object));
		layout_cell(l, STYLE_PLAIN, found);
		layout_cell(l, STYLE_GOOD, show_drift_done(ctx, r));
	}
	layout_widen(l, 2, widest);
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

void show_drift_list(const struct context *ctx, struct row *const *rows, size_t n)
{
	static const char *const headings[] = {"time", "object",  "found", "actor",
					       "done", "took_ms", "count"};
	const struct ipvl_columns *c = &ctx->columns;
	struct writer *w =
		context_writer(ctx, FORMAT_TABLE, headings, ARRAY_SIZE(headings));

	for (size_t i = 0; i < n; i++) {
		const struct row *r = rows[i];

		writer_integer(w, datum_integer(row_get(r, c->drift.time), 0));
		writer_text(w, STYLE_STRONG, context_text(ctx, r, c->drift.object));
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->drift.found));
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->drift.actor));
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->drift.done));
		writer_integer(w, datum_integer(row_get(r, c->drift.took_ms), 0));
		writer_integer(w, datum_integer(row_get(r, c->drift.count), 1));
	}
	writer_finish(w);
}

struct json_object *show_drift_json(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct json_object *json = json_object();

	json_put(json, "time", json_integer(datum_integer(row_get(r, c->drift.time), 0)));
	json_put(json, "object", json_string(context_text(ctx, r, c->drift.object)));
	json_put(json, "found", json_string(context_text(ctx, r, c->drift.found)));
	json_put(json, "actor", json_string(context_text(ctx, r, c->drift.actor)));
	json_put(json, "done", json_string(context_text(ctx, r, c->drift.done)));
	json_put(json, "took_ms",
		 json_integer(datum_integer(row_get(r, c->drift.took_ms), 0)));
	json_put(json, "count",
		 json_integer(datum_integer(row_get(r, c->drift.count), 1)));
	return json;
}

void show_drift_lines(const struct context *ctx, struct row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(json_freep)
		struct json_object *json = show_drift_json(ctx, rows[i]);
		CLEANUP(freep) char *text = json_text(json);

		fprintf(ctx->out, "%s\n", text);
	}
}

/* --- what was printed before --- */

/* A row of Drift counts on while the same happens again. */
struct seen {
	struct uuid uuid; /* key */
	int64_t count;
	UT_hash_handle hh;
};

struct show_drift_seen {
	struct seen *all;
};

struct show_drift_seen *show_drift_seen_new(void)
{
	return xcalloc(1, sizeof(struct show_drift_seen));
}

void show_drift_seen_free(void *seen)
{
	struct show_drift_seen *s = seen;
	struct seen *one, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->all, one, next) {
		HASH_DEL(s->all, one);
		free(one);
	}
	free(s);
}

size_t show_drift_only_new(struct show_drift_seen *seen, const struct context *ctx,
			   struct row **rows, size_t n)
{
	size_t n_new = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t count =
			datum_integer(row_get(rows[i], ctx->columns.drift.count), 1);
		struct seen *one;

		HASH_FIND(hh, seen->all, row_uuid(rows[i]), sizeof(struct uuid), one);
		if (one && one->count == count)
			continue;
		if (!one) {
			one = xcalloc(1, sizeof(*one));
			one->uuid = *row_uuid(rows[i]);
			HASH_ADD(hh, seen->all, uuid, sizeof(one->uuid), one);
		}
		one->count = count;
		rows[n_new++] = rows[i];
	}
	return n_new;
}
