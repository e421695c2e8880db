/* list, find, get, wait-until: the database's rows as they are, of any table. */
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/context.h"
#include "ctl/naming.h"
#include "ctl/value.h"
#include "ctl/writer.h"
#include "lib/alloc.h"

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

/* Rows with all of their columns, _uuid before them. */
struct records {
	struct context *ctx;
	const struct table_schema *ts;
	struct writer *writer;
};

static void begin(struct records *r, struct context *ctx, const struct table *t)
{
	const struct table_schema *ts = table_schema(t);
	const char **headings =
		arena_array(ctx->arena, ts->n_columns + 1, sizeof(*headings));

	headings[0] = "_uuid";
	for (size_t i = 0; i < ts->n_columns; i++)
		headings[i + 1] = ts->columns[i].name;
	r->ctx = ctx;
	r->ts = ts;
	r->writer = writer_new(ctx->options.format ? ctx->options.format : FORMAT_LIST,
			       ctx->out, ctx->colour, headings, ts->n_columns + 1);
}

static void write_row(struct records *r, const struct row *row)
{
	char uuid[UUID_TEXT_BYTES];

	writer_text(r->writer, STYLE_PLAIN, uuid_format(row_uuid(row), uuid));
	for (size_t i = 0; i < r->ts->n_columns; i++) {
		const struct column_schema *c = &r->ts->columns[i];

		writer_datum(r->writer, STYLE_PLAIN, txn_get(r->ctx->txn, row, c),
			     &c->type);
	}
}

/* 'e' is forgotten where --if-exists allows that the row is missing. */
static bool is_forgiven(const struct call *call, struct err *e)
{
	if (e->code != ERR_NOT_FOUND || !(call->options & OPTION_IF_EXISTS))
		return false;
	err_free(e);
	return true;
}

struct err *cmd_list(struct context *ctx, const struct call *call)
{
	struct records r;
	struct table *t;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (e)
		return e;
	begin(&r, ctx, t);
	for (size_t i = 1; i < call->n_args && !e; i++) {
		struct row *row;

		e = naming_find(ctx, t, call->args[i], &row);
		if (!e)
			write_row(&r, row);
		else if (is_forgiven(call, e))
			e = NULL;
	}
	if (call->n_args == 1) {
		TXN_FOR_EACH_ROW (row, ctx->txn, t)
			write_row(&r, row);
	}
	writer_finish(r.writer);
	return e;
}

/* COLUMN=VALUE conditions; the array is owned by the caller. */
static struct err *parse_conditions(const struct table_schema *ts, char *const *texts,
				    size_t n, struct assignment **ret_conditions)
{
	struct assignment *all = xcalloc(n ? n : 1, sizeof(*all));
	struct err *e = NULL;
	size_t done = 0;

	for (; done < n && !e; done += !e)
		e = args_parse(ts, texts[done], &all[done]);
	if (e)
		assignments_free(all, done);
	else
		*ret_conditions = all;
	return e;
}

/* The first that does not hold; 'n' if all do. */
static size_t find_breach(const struct context *ctx, const struct assignment *conditions,
			  size_t n, const struct row *r)
{
	size_t i = 0;

	while (i < n && assignment_holds(&conditions[i], ctx->txn, r))
		i++;
	return i;
}

struct err *cmd_find(struct context *ctx, const struct call *call)
{
	struct assignment *conditions;
	size_t n = call->n_args - 1;
	struct records r;
	struct table *t;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = parse_conditions(table_schema(t), call->args + 1, n, &conditions);
	if (e)
		return e;
	begin(&r, ctx, t);
	TXN_FOR_EACH_ROW (row, ctx->txn, t) {
		if (find_breach(ctx, conditions, n, row) == n)
			write_row(&r, row);
	}
	writer_finish(r.writer);
	assignments_free(conditions, n);
	return NULL;
}

/* COLUMN or COLUMN:KEY. The text is from the attempt's arena. */
static struct err *get_value(struct context *ctx, const struct row *r, const char *what,
			     bool if_exists, const char **ret_text)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const char *colon = strchr(what, ':');
	const struct column_schema *c;
	const struct datum *d;
	char *name = arena_strdup(ctx->arena, what);
	char uuid[UUID_TEXT_BYTES];
	union atom key;
	int64_t at;
	struct err *e;

	if (!strcmp(what, "_uuid")) {
		*ret_text = arena_strdup(ctx->arena, uuid_format(row_uuid(r), uuid));
		return NULL;
	}
	if (colon)
		name[colon - what] = '\0';
	e = args_find_column(ts, name, &c);
	if (e)
		return e;
	d = txn_get(ctx->txn, r, c);
	if (!colon) {
		*ret_text = value_notation(ctx->arena, d, &c->type);
		return NULL;
	}
	if (!c->type.is_map || c->type.key.type != ATOM_STRING)
		return err_new(ERR_INVALID, "%s: %s is no map with names as keys", what,
			       c->name);
	key.string = arena_strdup(ctx->arena, colon + 1);
	at = datum_find(d, &key, ATOM_STRING);
	if (at < 0 && !if_exists)
		return err_new(ERR_NOT_FOUND, "%s has no key \"%s\"", c->name,
			       key.string);
	*ret_text =
		at < 0 ? ""
		       : value_atom(ctx->arena, &datum_values(d)[at], c->type.value.type);
	return NULL;
}

struct err *cmd_get(struct context *ctx, const struct call *call)
{
	const char **texts;
	struct table *t;
	struct row *r;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = naming_find(ctx, t, call->args[1], &r);
	if (e)
		return is_forgiven(call, e) ? NULL : e;
	/* All or nothing: a script must not take the first values for an answer. */
	texts = arena_array(ctx->arena, call->n_args, sizeof(*texts));
	for (size_t i = 2; i < call->n_args && !e; i++)
		e = get_value(ctx, r, call->args[i], call->options & OPTION_IF_EXISTS,
			      &texts[i]);
	for (size_t i = 2; i < call->n_args && !e; i++)
		fprintf(ctx->out, "%s\n", texts[i]);
	return e;
}

/* The line is run again after the next change; 'what' does not hold yet. */
static void wait_for(struct context *ctx, const char *what)
{
	ctx->must_wait = true;
	ctx->waits_for = what;
}

struct err *cmd_wait_until(struct context *ctx, const struct call *call)
{
	struct assignment *conditions;
	size_t n = call->n_args - 2, breach;
	struct table *t;
	struct row *r;
	struct err *e = table_of(ctx, call->args[0], &t);

	if (!e)
		e = parse_conditions(table_schema(t), call->args + 2, n, &conditions);
	if (e)
		return e;
	e = naming_find(ctx, t, call->args[1], &r);
	if (e && e->code == ERR_NOT_FOUND) {
		wait_for(ctx, arena_printf(ctx->arena, "%s %s does not exist",
					   table_schema(t)->name, call->args[1]));
		err_free(e);
		e = NULL;
	} else if (!e && (breach = find_breach(ctx, conditions, n, r)) < n) {
		const struct column_schema *c = conditions[breach].column;

		wait_for(ctx,
			 arena_printf(ctx->arena, "%s of %s %s is %s", c->name,
				      table_schema(t)->name, call->args[1],
				      value_notation(ctx->arena, txn_get(ctx->txn, r, c),
						     &c->type)));
	}
	assignments_free(conditions, n);
	return e;
}
