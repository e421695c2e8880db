/* The commands list, find, get and wait-until, for the rows of any table. */
#include "ctl/line/args.h"
#include "ctl/commands/cmd.h"
#include "ctl/line/conditions.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/line/selection.h"
#include "ctl/output/value.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

static struct err *table_of(const struct context *ctx, const char *name,
			    struct table **ret_table)
{
	const struct table_schema *ts;
	struct err *e = args_find_table(db_schema(ctx->db), name, &ts);

	if (!e)
		*ret_table = db_table_at(ctx->db, ts->index);
	return e;
}

/* Prints rows with _uuid and all columns, or with the columns of --columns. */
struct records {
	struct context *ctx;
	struct selection selection;
	struct writer *writer;
};

static struct err *begin(struct records *r, struct context *ctx, const struct call *call,
			 const struct table *t)
{
	static const char *const own[] = {"_uuid"};
	struct err *e = selection_make(ctx->arena, table_schema(t), own, ARRAY_SIZE(own),
				       true, call->columns, &r->selection);

	if (e)
		return e;
	r->ctx = ctx;
	r->writer =
		context_writer(ctx, FORMAT_LIST, r->selection.headings, r->selection.n);
	return NULL;
}

static void write_row(struct records *r, const struct row *row)
{
	char uuid[UUID_TEXT_BYTES];

	for (size_t i = 0; i < r->selection.n; i++) {
		const struct column_schema *c = r->selection.columns[i].column;

		if (c)
			writer_datum(r->writer, STYLE_PLAIN, txn_get(r->ctx->txn, row, c),
				     &c->type);
		else
			writer_text(r->writer, STYLE_PLAIN,
				    uuid_format(row_uuid(row), uuid));
	}
}

struct err *cmd_list(struct context *ctx, const struct call *call)
{
	struct records r;
	struct table *t;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = begin(&r, ctx, call, t);
	if (e)
		return e;
	for (size_t i = 1; i < call->n_args && !e; i++) {
		struct row *row;

		e = naming_find(ctx, t, call->args[i], &row);
		if (!e)
			write_row(&r, row);
		else if (call_may_ignore(call, e))
			e = NULL;
	}
	if (call->n_args == 1) {
		TXN_FOR_EACH_ROW (row, ctx->txn, t)
			write_row(&r, row);
	}
	writer_finish(r.writer);
	return e;
}

struct err *cmd_find(struct context *ctx, const struct call *call)
{
	struct condition *conditions;
	size_t n = call->n_args - 1;
	struct records r;
	struct table *t;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = conditions_parse(table_schema(t), call->args + 1, n, &conditions);
	if (e)
		return e;
	e = begin(&r, ctx, call, t);
	if (e) {
		conditions_free(conditions, n);
		return e;
	}
	TXN_FOR_EACH_ROW (row, ctx->txn, t) {
		if (conditions_find_breach(conditions, n, ctx->txn, row) == n)
			write_row(&r, row);
	}
	writer_finish(r.writer);
	conditions_free(conditions, n);
	return NULL;
}

/* One value of `get`, with the name that the user gave. */
struct value {
	const char *name, *text, *notation, *bare; /* from the attempt's arena */
	struct json_object *json;
};

/* Takes 'json'. */
static void set_text(struct value *v, const char *name, const char *text,
		     struct json_object *json)
{
	*v = (struct value){
		.name = name, .text = text, .notation = text, .bare = text, .json = json};
}

/* COLUMN:KEY. With --if-exists a missing key has an empty value. */
static struct err *get_key(struct context *ctx, const struct column_schema *c,
			   const struct datum *d, const char *what, const char *name,
			   bool if_exists, struct value *ret_value)
{
	const union atom key = {.string = arena_strdup(ctx->arena, name)};
	const struct column_type type = {
		.key = {.type = c->type.value.type}, .n_min = 1, .n_max = 1};
	struct datum one;
	int64_t at;

	if (!c->type.is_map || c->type.key.type != ATOM_STRING)
		return err_new(ERR_INVALID, "%s: %s is not a map with strings as keys",
			       what, c->name);
	at = datum_find(d, &key, ATOM_STRING);
	if (at < 0 && !if_exists)
		return err_new(ERR_NOT_FOUND, "%s has no key \"%s\"", c->name, name);
	if (at < 0) {
		set_text(ret_value, what, "", json_null());
		return NULL;
	}
	/* Only the value, as a set of one. */
	datum_init_empty(&one);
	one.n = 1;
	one.one = datum_values(d)[at];
	set_text(ret_value, what, value_text(ctx->arena, &one, &type),
		 value_json(&one, &type));
	return NULL;
}

/* COLUMN, COLUMN:KEY or _uuid. */
static struct err *get_value(struct context *ctx, const struct row *r, const char *what,
			     bool if_exists, struct value *ret_value)
{
	const char *colon = strchr(what, ':');
	const struct column_schema *c;
	const struct datum *d;
	char *name = arena_strdup(ctx->arena, what);
	char *uuid = arena_alloc(ctx->arena, UUID_TEXT_BYTES);
	struct err *e;

	if (!strcmp(what, "_uuid")) {
		uuid_format(row_uuid(r), uuid);
		set_text(ret_value, what, uuid, json_string(uuid));
		return NULL;
	}
	if (colon)
		name[colon - what] = '\0';
	e = colon ? args_unquote(name + (colon - what) + 1) : NULL;
	if (!e)
		e = args_find_column(table_schema(row_table(r)), name, &c);
	if (e)
		return e;
	d = txn_get(ctx->txn, r, c);
	if (colon)
		return get_key(ctx, c, d, what, name + (colon - what) + 1, if_exists,
			       ret_value);
	set_text(ret_value, what, value_text(ctx->arena, d, &c->type),
		 value_json(d, &c->type));
	ret_value->notation = value_notation(ctx->arena, d, &c->type);
	ret_value->bare = value_bare(ctx->arena, d, &c->type);
	return NULL;
}

/* Prints one record with these columns. Takes their JSON. */
static void write_values(struct context *ctx, struct value *values, size_t n)
{
	const char **headings = arena_array(ctx->arena, n, sizeof(*headings));
	struct writer *w;

	for (size_t i = 0; i < n; i++)
		headings[i] = values[i].name;
	w = context_writer(ctx, FORMAT_TABLE, headings, n);
	for (size_t i = 0; i < n; i++)
		writer_value(w, values[i].text, values[i].notation,
			     STEAL(values[i].json));
	writer_finish(w);
}

/* Prints one object, since there is one record. Takes their JSON. Prints nothing of a
 * missing row. */
static void print_tree(struct context *ctx, struct value *values, size_t n)
{
	CLEANUP(json_freep) struct json_object *json = json_object();

	for (size_t i = 0; i < n; i++)
		json_put(json, values[i].name, STEAL(values[i].json));
	writer_print_tree(ctx->out, ctx->options.format, json);
}

static void print_values(struct context *ctx, struct value *values, size_t n)
{
	enum format format = ctx->options.format;

	if (format == FORMAT_JSON || format == FORMAT_YAML)
		print_tree(ctx, values, n);
	else if (format != FORMAT_DEFAULT && n)
		write_values(ctx, values, n);
	for (size_t i = 0; format == FORMAT_DEFAULT && i < n; i++)
		fprintf(ctx->out, "%s\n",
			ctx->options.bare ? values[i].bare : values[i].notation);
}

/* A misspelled column is an error even if the row does not exist. */
static struct err *check_columns(struct context *ctx, const struct call *call,
				 const struct table *t)
{
	struct err *e = NULL;

	for (size_t i = 2; i < call->n_args && !e; i++) {
		const char *what = call->args[i];
		char *name =
			arena_printf(ctx->arena, "%.*s", (int)strcspn(what, ":"), what);
		const struct column_schema *c;

		if (strcmp(name, "_uuid"))
			e = args_find_column(table_schema(t), name, &c);
	}
	return e;
}

struct err *cmd_get(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 2, done = 0;
	struct value *values = arena_array(ctx->arena, n, sizeof(*values));
	struct table *t;
	struct row *r;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = check_columns(ctx, call, t);
	if (e)
		return e;
	e = naming_find(ctx, t, call->args[1], &r);
	if (e) {
		if (!call_may_ignore(call, e))
			return e;
		print_values(ctx, values, 0);
		return NULL;
	}
	/* Prints all values or none: a script could otherwise take the first ones for
	 * the result. */
	while (done < n && !e) {
		e = get_value(ctx, r, call->args[done + 2],
			      call->options & OPTION_IF_EXISTS, &values[done]);
		done += !e;
	}
	if (!e)
		print_values(ctx, values, n);
	for (size_t i = 0; i < done; i++)
		json_free(values[i].json);
	return e;
}

/* Makes the line run again after the next change. 'what' is the condition that is not
 * met. */
static void wait_for(struct context *ctx, const char *what)
{
	ctx->must_wait = true;
	ctx->waits_for = what;
}

struct err *cmd_wait_until(struct context *ctx, const struct call *call)
{
	struct condition *conditions;
	size_t n = call->n_args - 2, breach;
	struct table *t;
	struct row *r;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = conditions_parse(table_schema(t), call->args + 2, n, &conditions);
	if (e)
		return e;
	e = naming_find(ctx, t, call->args[1], &r);
	if (e && call_may_ignore(call, e)) {
		e = NULL;
	} else if (e && e->code == ERR_NOT_FOUND) {
		wait_for(ctx, arena_printf(ctx->arena, "%s %s does not exist",
					   table_schema(t)->name, call->args[1]));
		err_free(e);
		e = NULL;
	} else if (!e &&
		   (breach = conditions_find_breach(conditions, n, ctx->txn, r)) < n) {
		const struct column_schema *c = conditions[breach].column;

		wait_for(ctx,
			 arena_printf(ctx->arena, "%s of %s %s is %s, expected %s",
				      c->name, table_schema(t)->name, call->args[1],
				      value_notation(ctx->arena, txn_get(ctx->txn, r, c),
						     &c->type),
				      call->args[breach + 2]));
	}
	conditions_free(conditions, n);
	return e;
}
