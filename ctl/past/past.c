/* Reads entries of the history, and describes what each transaction changed. */
#include "ctl/past/past.h"

#include "ctl/text/describe.h"
#include "ctl/session/naming.h"
#include "ctl/output/value.h"
#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* The name of a row that no longer exists: it is in the removal, which is a later
 * entry. */
struct gone {
	const char *uuid, *label; /* borrowed, and from the arena */
	struct gone *next;
};

struct reading {
	const struct context *ctx;
	struct gone *gone;
	struct past *past; /* the current one */
	size_t cap;
};

/* --- where they come from --- */

static struct err *read_file(const struct context *ctx, int64_t before, size_t max,
			     struct json_object **ret_all)
{
	struct history_entry *entries;
	size_t n;
	struct err *e = history_read(ctx->db, before, max, true, &entries, &n);

	if (e)
		return e;
	*ret_all = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(*ret_all, history_entry_to_json(&entries[i]));
	history_entries_free(entries, n);
	return NULL;
}

/* One page, as long as the daemon makes it. */
static struct err *ask_for_page(const struct context *ctx, int64_t before, size_t max,
				struct json_object **ret_page)
{
	struct json_object *options = json_object();
	struct err *e;

	json_put(options, "before", json_integer(before));
	json_put(options, "max", json_integer((int64_t)max));
	json_put(options, "changes", json_boolean(true));
	e = client_call(replica_client(ctx->replica), "get_history",
			json_pair(json_string(db_name(ctx->db)), options),
			context_left_ms(ctx), ret_page);
	if (!e && json_kind(*ret_page) != JSON_ARRAY) {
		json_free(STEAL(*ret_page));
		e = err_new(ERR_PROTOCOL,
			    "get_history: the server's reply is not an array");
	}
	if (!e || e->code != ERR_UNKNOWN_METHOD)
		return e;
	err_free(e);
	return err_new(ERR_UNSUPPORTED, "the server at %s keeps no history",
		       ctx->options.db);
}

/* The serial below which the next page begins; 0 if the last entry has none. */
static int64_t next_before(const struct json_object *page)
{
	const struct json_object *last = json_at(page, json_get_length(page) - 1);
	const struct json_object *serial =
		json_kind(last) == JSON_OBJECT ? json_member(last, "serial") : NULL;

	return json_kind(serial) == JSON_INTEGER ? json_get_integer(serial) : 0;
}

static struct err *ask_daemon(const struct context *ctx, int64_t before, size_t max,
			      struct json_object **ret_all)
{
	CLEANUP(json_freep) struct json_object *all = json_array();
	struct err *e = context_check_connection(ctx);
	size_t n = 0;

	/* 1 or less: the page had the first entry of all. */
	for (bool more = true; !e && more && n < max;) {
		struct json_object *page = NULL;

		e = ask_for_page(ctx, before, max - n, &page);
		if (e)
			break;
		more = json_get_length(page);
		if (more)
			before = next_before(page);
		for (size_t i = 0; i < json_get_length(page); i++)
			json_add(all, json_clone(json_at(page, i)));
		n += json_get_length(page);
		more &= before > 1;
		json_free(page);
	}
	if (!e)
		*ret_all = STEAL(all);
	return e;
}

/* --- small parts of them --- */

static const struct json_object *member(const struct json_object *o, const char *name,
					enum json_kind kind)
{
	const struct json_object *v =
		json_kind(o) == JSON_OBJECT ? json_member(o, name) : NULL;

	return v && json_kind(v) == kind ? v : NULL;
}

static const char *text_of(const struct context *ctx, const struct json_object *o,
			   const char *name)
{
	const struct json_object *v = member(o, name, JSON_STRING);

	return v ? arena_strdup(ctx->arena, json_get_string(v)) : "";
}

static int64_t number_of(const struct json_object *o, const char *name, int64_t if_none)
{
	const struct json_object *v = member(o, name, JSON_INTEGER);

	return v ? json_get_integer(v) : if_none;
}

static const char *who(const struct context *ctx, const struct json_object *o)
{
	const char *subject = text_of(ctx, o, "subject");
	int64_t uid = number_of(o, "uid", -1);
	const struct passwd *user;

	if (*subject || uid < 0)
		return subject;
	user = getpwuid((uid_t)uid);
	return user ? arena_strdup(ctx->arena, user->pw_name)
		    : arena_printf(ctx->arena, "uid %" PRId64, uid);
}

/* "/usr/bin/ipvl-ctl show" is "ipvl-ctl show". */
static const char *without_path(const char *command)
{
	size_t n = strcspn(command, " ");

	for (size_t i = n; i > 0; i--) {
		if (command[i - 1] == '/')
			return command + i;
	}
	return command;
}

/* --- what they changed --- */

/* The text of a column of a row's JSON; "" without a value. From the arena. */
static const char *column_text(const struct context *ctx, const struct table_schema *ts,
			       const struct json_object *row, const char *name)
{
	const struct column_schema *c = table_schema_find(ts, name);
	const struct json_object *v =
		json_kind(row) == JSON_OBJECT ? json_member(row, name) : NULL;
	const char *text;
	struct datum d;
	struct err *e;

	if (!c || !v)
		return "";
	e = datum_from_json(&d, &c->type, v, NULL);
	if (e) {
		err_free(e);
		return "";
	}
	/* value_text() of a string returns the datum's own text. */
	text = arena_strdup(ctx->arena, value_text(ctx->arena, &d, &c->type));
	datum_clear(&d, &c->type);
	return text;
}

static const char *label_of_json(const struct context *ctx, const struct table_schema *ts,
				 const struct json_object *row)
{
	const char *netns = column_text(ctx, ts, row, "netns");
	const char *name = column_text(ctx, ts, row, "name");

	if (ts == table_schema(ctx->columns.pool.table))
		return arena_printf(ctx->arena, "pool %s", name);
	return arena_printf(ctx->arena, "%s%s%s", netns, *netns ? "/" : "", name);
}

/* The current name of a row, or its last one. */
static const char *label_of_uuid(const struct reading *r, const struct table *t,
				 const char *text)
{
	struct uuid uuid;
	const struct row *row = uuid_parse(text, &uuid) ? table_find(t, &uuid) : NULL;

	if (row)
		return naming_label(r->ctx, row);
	for (const struct gone *g = r->gone; g; g = g->next) {
		if (!strcmp(g->uuid, text))
			return g->label;
	}
	return arena_strdup(r->ctx->arena, text);
}

static void add(struct reading *r, const struct past_change *change)
{
	struct past *p = r->past;

	p->changes = arena_grow(r->ctx->arena, p->changes, p->n_changes, &r->cap,
				sizeof(*p->changes));
	p->changes[p->n_changes++] = *change;
}

bool past_is_noise(const struct ipvl_columns *c, const struct column_schema *column)
{
	return column == c->host.next_cfg || column == c->host.masters ||
	       column == c->host.withheld || column == c->master.host ||
	       column == c->master.slaves || column == c->slave.host ||
	       column == c->slave.leases || column == c->pool.host;
}

/* "mode l2 -> l3"; "" if the values cannot be read. */
static const char *column_change(const struct context *ctx, const struct column_schema *c,
				 const struct json_object *pair)
{
	const char *text = "";
	struct datum old, new;
	struct err *e;

	if (json_kind(pair) != JSON_ARRAY || json_get_length(pair) != 2)
		return "";
	e = datum_from_json(&old, &c->type, json_at(pair, 0), NULL);
	if (!e) {
		e = datum_from_json(&new, &c->type, json_at(pair, 1), NULL);
		if (!e) {
			text = edit_column_text(ctx->arena, c, &old, &new);
			datum_clear(&new, &c->type);
		}
		datum_clear(&old, &c->type);
	}
	err_free(e);
	return text;
}

static const char *modified_text(const struct reading *r, const struct table_schema *ts,
				 const struct json_object *columns)
{
	const char *all = "";

	for (struct json_iter i = json_iter_begin(columns); json_iter_next(&i);) {
		const struct column_schema *c = table_schema_find(ts, i.name);

		if (c && !past_is_noise(&r->ctx->columns, c))
			all = describe_join(r->ctx->arena, all,
					    column_change(r->ctx, c, i.value));
	}
	return all;
}

/* Describes a new object. */
static const char *made_text(const struct reading *r, const struct table_schema *ts,
			     const struct json_object *row)
{
	const char *all = column_text(r->ctx, ts, row, "mode");

	all = describe_join(r->ctx->arena, all, column_text(r->ctx, ts, row, "flag"));
	all = describe_join(r->ctx->arena, all, column_text(r->ctx, ts, row, "subnets"));
	return describe_join(r->ctx->arena, all,
			     column_text(r->ctx, ts, row, "addresses"));
}

/* Later entries are read first: they need the name. */
static void note_gone(struct reading *r, const char *uuid, const char *label)
{
	struct gone *g = arena_alloc(r->ctx->arena, sizeof(*g));

	g->uuid = arena_strdup(r->ctx->arena, uuid);
	g->label = label;
	g->next = r->gone;
	r->gone = g;
}

/* PAST_HOST: one of the others, which are no objects of the configuration. */
static enum past_table past_table_of(const struct ipvl_columns *c, const struct table *t)
{
	return t == c->pool.table     ? PAST_POOL
	       : t == c->master.table ? PAST_MASTER
	       : t == c->slave.table  ? PAST_SLAVE
				      : PAST_HOST;
}

static void read_object(struct reading *r, const struct table *t, const char *uuid,
			const struct json_object *json)
{
	static const char *const kinds[] = {[EDIT_ADDED] = "insert",
					    [EDIT_REMOVED] = "delete",
					    [EDIT_CHANGED] = "modify"};
	const struct table_schema *ts = table_schema(t);
	struct past_change change = {
		.table = past_table_of(&r->ctx->columns, t),
		.of = t,
		.uuid = arena_strdup(r->ctx->arena, uuid),
	};
	struct edit *edit = &change.edit;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !change.columns; i++) {
		edit->kind = (enum edit_kind)i;
		change.columns = member(json, kinds[i], JSON_OBJECT);
	}
	if (!change.columns)
		return;
	if (edit->kind == EDIT_CHANGED) {
		edit->what = modified_text(r, ts, change.columns);
		if (!*edit->what)
			return;
		edit->object = label_of_uuid(r, t, uuid);
	} else {
		edit->object = label_of_json(r->ctx, ts, change.columns);
		edit->what =
			edit->kind == EDIT_ADDED ? made_text(r, ts, change.columns) : "";
	}
	if (edit->kind == EDIT_REMOVED)
		note_gone(r, uuid, edit->object);
	add(r, &change);
}

static void read_host(struct reading *r, const char *uuid, const struct json_object *json)
{
	const struct table *t = r->ctx->columns.host.table;
	struct past_change change = {
		.table = PAST_HOST,
		.edit = {.kind = EDIT_CHANGED, .object = "Host"},
		.of = t,
		.uuid = arena_strdup(r->ctx->arena, uuid),
		.columns = member(json, "modify", JSON_OBJECT),
	};

	if (!change.columns)
		return;
	change.edit.what = modified_text(r, table_schema(t), change.columns);
	if (*change.edit.what)
		add(r, &change);
}

/* The rows of a transaction are ordered by UUID, which is no order for people. */
static int change_cmp(const void *a, const void *b)
{
	const struct past_change *x = a, *y = b;
	int order = (x->table > y->table) - (x->table < y->table);

	if (!order)
		order = strverscmp(x->edit.object, y->edit.object);
	return order ? order : (int)x->edit.kind - (int)y->edit.kind;
}

static void read_changes(struct reading *r, const struct json_object *changes)
{
	const struct ipvl_columns *c = &r->ctx->columns;

	r->cap = 0;
	for (struct json_iter i = json_iter_begin(changes); json_iter_next(&i);) {
		const struct table *t = db_table(r->ctx->db, i.name);

		if (!t || json_kind(i.value) != JSON_OBJECT)
			continue;
		for (struct json_iter j = json_iter_begin(i.value); json_iter_next(&j);) {
			if (t == c->host.table)
				read_host(r, j.name, j.value);
			else if (past_table_of(c, t) != PAST_HOST)
				read_object(r, t, j.name, j.value);
		}
	}
	if (r->past->n_changes)
		qsort(r->past->changes, r->past->n_changes, sizeof(*r->past->changes),
		      change_cmp);
}

static void read_entry(struct reading *r, const struct json_object *json)
{
	const struct json_object *undoable = member(json, "undoable", JSON_BOOLEAN);
	struct past *p = r->past;

	*p = (struct past){
		.serial = number_of(json, "serial", 0),
		.time_ms = number_of(json, "time", 0),
		.who = who(r->ctx, json),
		.command = without_path(text_of(r->ctx, json, "command")),
		.comment = text_of(r->ctx, json, "comment"),
		.is_undoable = undoable && json_get_boolean(undoable),
		.json = member(json, "changes", JSON_OBJECT),
	};
	if (p->json)
		read_changes(r, p->json);
}

struct err *past_read(struct context *ctx, int64_t before_serial, size_t max,
		      struct json_object **ret_all, struct past **ret_past, size_t *ret_n)
{
	struct reading r = {.ctx = ctx};
	struct json_object *all;
	struct past *past;
	struct err *e;
	size_t n;

	if (!txn_is_empty(ctx->txn))
		return err_new(ERR_INVALID,
			       "history, undo and why must come first in a line of "
			       "commands");
	e = ctx->replica ? ask_daemon(ctx, before_serial, max, &all)
			 : read_file(ctx, before_serial, max, &all);
	if (e)
		return e;
	n = json_kind(all) == JSON_ARRAY ? json_get_length(all) : 0;
	past = arena_array(ctx->arena, n + 1, sizeof(*past));
	for (size_t i = 0; i < n; i++) {
		r.past = &past[i];
		read_entry(&r, json_at(all, i));
	}
	*ret_all = all;
	*ret_past = past;
	*ret_n = n;
	return NULL;
}

const char *past_label(const struct context *ctx, const struct past *past, size_t n,
		       const struct table *t, const char *uuid)
{
	const struct table_schema *ts = table_schema(t);
	struct uuid parsed;
	const struct row *row = uuid_parse(uuid, &parsed) ? table_find(t, &parsed) : NULL;

	if (past_table_of(&ctx->columns, t) == PAST_HOST)
		return uuid;
	if (row)
		return naming_label(ctx, row);
	for (size_t i = 0; i < n; i++) {
		const struct json_object *rows =
			past[i].json ? member(past[i].json, ts->name, JSON_OBJECT) : NULL;
		const struct json_object *change =
			rows ? member(rows, uuid, JSON_OBJECT) : NULL;
		const struct json_object *old =
			change ? member(change, "delete", JSON_OBJECT) : NULL;

		if (old)
			return label_of_json(ctx, ts, old);
	}
	return uuid;
}
