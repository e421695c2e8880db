/* Keeps copies of rows between attempts: what changed is the difference, whatever led to
 * it, so that nothing is missed while the connection is down.
 *
 * The state of a row that no daemon has reported on yet is taken as unchanged. Otherwise a
 * restart of ipvld would be two lines for each row. */
#include "ctl/text/watched.h"

#include "config/state.h"
#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/output/times.h"
#include "ctl/output/value.h"
#include "ctl/session/naming.h"
#include "ctl/text/describe.h"
#include "ctl/text/edit.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_TIME, COLUMN_LABEL, COLUMN_TEXT };

/* A row at the last attempt. */
struct item {
	struct uuid uuid; /* key */
	const struct table *table;
	char *label;
	struct datum *values; /* of each column of the table */
	bool is_seen;         /* in the attempt that runs */
	UT_hash_handle hh;
};

struct watched {
	struct item *items;
	bool is_filled;
	size_t label_width; /* of all labels so far */
};

/* Of one call of watched_update(). */
struct update {
	struct watched *watched;
	const struct context *ctx;
	struct layout *layout;
	int64_t now_ms;
	bool is_silent;
};

struct watched *watched_new(void)
{
	return xcalloc(1, sizeof(struct watched));
}

static void free_item(struct watched *w, struct item *item)
{
	const struct table_schema *ts = table_schema(item->table);

	HASH_DEL(w->items, item);
	for (size_t i = 0; i < ts->n_columns; i++)
		datum_clear(&item->values[i], &ts->columns[i].type);
	free(item->values);
	free(item->label);
	free(item);
}

void watched_free(void *watched)
{
	struct watched *w = watched;
	struct item *item, *next;

	if (!w)
		return;
	HASH_ITER (hh, w->items, item, next)
		free_item(w, item);
	free(w);
}

/* --- one line --- */

static void print_text(struct update *u, const char *label, enum style style,
		       const char *text)
{
	struct layout *l = u->layout;

	layout_row(l);
	layout_cell(l, STYLE_FAINT, times_local(u->ctx->arena, u->now_ms, u->now_ms));
	layout_cell(l, STYLE_STRONG, label);
	layout_cell(l, style, text);
}

/* Takes 'columns', which may be NULL. */
static void print_json(const struct update *u, const char *label, enum edit_kind kind,
		       const char *state, struct json_object *columns)
{
	CLEANUP(json_freep) struct json_object *json = json_object();
	CLEANUP(freep) char *text = NULL;

	json_put(json, "time", json_integer(u->now_ms));
	json_put(json, "object", json_string(label));
	json_put(json, "change", json_string(edit_verb(kind)));
	json_put(json, "state", json_string(state));
	json_put(json, "columns", columns ? columns : json_object());
	text = json_text(json);
	fprintf(u->ctx->out, "%s\n", text);
}

static void print(struct update *u, const struct item *item, const struct edit *edit,
		  enum row_state state, struct json_object *columns)
{
	const char *text = edit->what;

	if (u->is_silent) {
		json_free(columns);
	} else if (u->ctx->options.format == FORMAT_JSON) {
		print_json(u, item->label, edit->kind, state_name(state), columns);
	} else {
		json_free(columns);
		if (edit->kind != EDIT_CHANGED)
			text = arena_printf(u->ctx->arena, "%s%s%s",
					    edit_verb(edit->kind), *text ? ": " : "",
					    text);
		print_text(u, item->label,
			   edit->kind == EDIT_CHANGED && state != STATE_UNKNOWN
				   ? describe_state_style(state)
				   : edit_style(edit),
			   text);
	}
}

/* --- what a row has --- */

static bool is_slave(const struct context *ctx, const struct item *item)
{
	return item->table == ctx->columns.slave.table;
}

/* Columns that follow from others, or that say nothing to people. */
static bool is_shown(const struct ipvl_columns *c, const struct column_schema *column)
{
	const struct column_schema *const hidden[] = {
		c->master.host,    c->master.slaves,  c->master.repairs,
		c->master.ifindex, c->master.mac,     c->master.link_mtu,
		c->slave.host,     c->slave.repairs,  c->slave.ifindex,
		c->slave.mac,      c->slave.link_mtu, c->slave.leases,
	};

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (column == hidden[i])
			return false;
	}
	return true;
}

static const char *added_text(const struct context *ctx, const struct item *item,
			      const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_of_slave = is_slave(ctx, item);
	const char *text =
		is_of_slave ? describe_addresses(ctx, r) : describe_port(ctx, r);
	enum row_state state = state_of_row(c, r);
	const char *message =
		context_text(ctx, r, is_of_slave ? c->slave.message : c->master.message);

	text = describe_join(ctx->arena, text, describe_routes(ctx, r));
	if (state == STATE_UNKNOWN || state_is_well(state))
		return text;
	return describe_join(ctx->arena, text,
			     describe_with_message(ctx->arena, state, message));
}

/* "ready -> conflict". */
static const char *state_change(const struct context *ctx, const struct datum *old,
				const struct datum *new)
{
	const char *before = datum_string(old);

	return arena_printf(ctx->arena, "%s%s%s", before, *before ? " -> " : "",
			    datum_string(new));
}

static const char *warnings_change(const struct context *ctx, const struct datum *old,
				   const struct datum *new)
{
	const char *all = "";

	for (uint32_t i = 0; i < new->n; i++) {
		if (datum_find(old, &datum_keys(new)[i], ATOM_STRING) < 0)
			all = describe_join(ctx->arena, all,
					    arena_printf(ctx->arena, "warning: %s",
							 datum_keys(new)[i].string));
	}
	for (uint32_t i = 0; i < old->n; i++) {
		if (datum_find(new, &datum_keys(old)[i], ATOM_STRING) < 0)
			all = describe_join(ctx->arena, all,
					    arena_printf(ctx->arena, "no longer: %s",
							 datum_keys(old)[i].string));
	}
	return all;
}

/* Of one column; the message comes at the end of the line. */
static const char *change_text(const struct context *ctx, const struct column_schema *c,
			       const struct datum *old, const struct datum *new)
{
	const struct ipvl_columns *all = &ctx->columns;

	if (c == all->master.state || c == all->slave.state)
		return state_change(ctx, old, new);
	if (c == all->master.warnings || c == all->slave.warnings)
		return warnings_change(ctx, old, new);
	if (c == all->master.message || c == all->slave.message)
		return "";
	return edit_column_text(ctx->arena, c, old, new);
}

/* --- comparison --- */

static struct json_object *pair_json(const struct column_schema *c,
				     const struct datum *old, const struct datum *new)
{
	return json_pair(value_json(old, &c->type), value_json(new, &c->type));
}

static void compare(struct update *u, struct item *item, const struct row *r)
{
	const struct context *ctx = u->ctx;
	const struct ipvl_columns *all = &ctx->columns;
	const struct table_schema *ts = table_schema(item->table);
	struct json_object *columns = json_object();
	enum row_state state = state_of_row(all, r);
	const char *text = "", *message = "";

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *new = txn_get(ctx->txn, r, c);
		struct datum *old = &item->values[i];

		if (datum_equals(old, new, &c->type) ||
		    (c->ephemeral && state == STATE_UNKNOWN))
			continue;
		if (is_shown(all, c)) {
			json_put(columns, c->name, pair_json(c, old, new));
			text = describe_join(ctx->arena, text,
					     change_text(ctx, c, old, new));
		}
		if (c == all->master.message || c == all->slave.message)
			message = datum_string(new);
		datum_clear(old, &c->type);
		datum_copy(old, new, &c->type);
	}
	if (*message)
		text = *text ? arena_printf(ctx->arena, "%s: %s", text, message)
			     : describe_with_message(ctx->arena, state, message);
	if (*text)
		print(u, item, &(struct edit){.kind = EDIT_CHANGED, .what = text}, state,
		      columns);
	else
		json_free(columns);
}

static struct item *add(struct update *u, const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	struct item *item = xcalloc(1, sizeof(*item));
	size_t width;

	item->uuid = *row_uuid(r);
	item->table = row_table(r);
	item->label = xstrdup(naming_label(u->ctx, r));
	item->values = xcalloc(ts->n_columns, sizeof(*item->values));
	for (size_t i = 0; i < ts->n_columns; i++)
		datum_copy(&item->values[i], txn_get(u->ctx->txn, r, &ts->columns[i]),
			   &ts->columns[i].type);
	HASH_ADD(hh, u->watched->items, uuid, sizeof(item->uuid), item);
	width = display_width(item->label);
	if (width > u->watched->label_width)
		u->watched->label_width = width;
	return item;
}

static void visit(struct update *u, const struct row *r)
{
	struct item *item;

	HASH_FIND(hh, u->watched->items, row_uuid(r), sizeof(struct uuid), item);
	if (item) {
		compare(u, item, r);
	} else {
		item = add(u, r);
		print(u, item,
		      &(struct edit){.kind = EDIT_ADDED,
				     .what = added_text(u->ctx, item, r)},
		      state_of_row(&u->ctx->columns, r), NULL);
	}
	item->is_seen = true;
}

/* Rows that are gone, or that the words no longer match. */
static void drop_unseen(struct update *u)
{
	struct item *item, *next;

	HASH_ITER (hh, u->watched->items, item, next) {
		bool is_there = table_find(item->table, &item->uuid);

		if (item->is_seen) {
			item->is_seen = false;
			continue;
		}
		print(u, item,
		      &(struct edit){.kind = EDIT_REMOVED,
				     .what = is_there ? "no longer among what is watched"
						      : ""},
		      STATE_UNKNOWN, NULL);
		free_item(u->watched, item);
	}
}

size_t watched_update(struct watched *w, const struct context *ctx,
		      const struct shown *shown, size_t n)
{
	struct update u = {.watched = w,
			   .ctx = ctx,
			   .layout = context_layout(ctx, 0, 2),
			   .now_ms = clock_wall_ms(),
			   .is_silent = !w->is_filled};

	for (size_t i = 0; i < n; i++) {
		if (shown[i].is_whole)
			visit(&u, shown[i].master);
		for (size_t k = 0; k < shown[i].n_slaves; k++)
			visit(&u, shown[i].slaves[k]);
	}
	drop_unseen(&u);
	layout_fit(u.layout, COLUMN_TIME, LAYOUT_KEEP);
	layout_fit(u.layout, COLUMN_LABEL, LAYOUT_ELIDE_START);
	layout_fit(u.layout, COLUMN_TEXT, LAYOUT_WRAP);
	layout_widen(u.layout, COLUMN_LABEL, w->label_width);
	layout_print(u.layout, ctx->out, ctx->colour);
	layout_free(u.layout);
	w->is_filled = true;
	return HASH_COUNT(w->items);
}
