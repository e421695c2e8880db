/* The commands set, add, remove, clear, create, destroy and comment, for the rows of
 * any table. config/rows.h adds and removes masters and slaves, which are members of a
 * set of their parent. */
#include "ctl/line/args.h"
#include "ctl/line/args_value.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/default_route.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

#include <string.h>

static struct err *find_table(const struct context *ctx, const char *name,
			      struct table **ret_table)
{
	const struct table_schema *ts;
	struct err *e = args_find_table(db_schema(ctx->db), name, &ts);

	if (!e)
		*ret_table = db_table_at(ctx->db, ts->index);
	return e;
}

static bool is_declarable(const struct context *ctx, const struct table *t)
{
	return t == ctx->columns.master.table || t == ctx->columns.slave.table;
}

/* RECORD, the second argument; NULL with --if-exists if there is none. What the other arguments
 * say is checked first: with --if-exists a misspelled column is an error, too. */
static struct err *find_record(struct context *ctx, const struct call *call,
			       const struct table *t, struct row **ret_row)
{
	struct err *e = naming_find(ctx, t, call->args[1], ret_row);

	if (!e || !call_may_ignore(call, e))
		return e;
	*ret_row = NULL;
	return NULL;
}

static struct err *find_writable(const struct table *t, const char *name,
				 const struct column_schema **ret_column)
{
	const struct table_schema *ts = table_schema(t);
	struct err *e = args_find_column(ts, name, ret_column);

	return e ? e : args_check_writable(ts, *ret_column);
}

/* The column `host` of all rows is the name of their Host (config/valid/valid_txn.c):
 * it follows a new name. */
static void rename_host(struct context *ctx, const struct row *host)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *name = context_text(ctx, host, c->host.name);
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		txn_set_string(ctx->txn, masters[i], c->master.host, name);
		for (size_t k = 0; k < n_slaves; k++)
			txn_set_string(ctx->txn, slaves[k], c->slave.host, name);
	}
}

struct err *cmd_set(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 2;
	const char *routes = NULL;
	struct assignment *set;
	struct table *t;
	struct row *r;
	struct err *e = find_table(ctx, call->args[0], &t);

	if (!e)
		e = args_parse_changes(table_schema(t), call->args + 2, n, &set);
	if (e)
		return e;
	e = find_record(ctx, call, t, &r);
	if (!e && r)
		e = assignment_write_all(set, n, ctx->txn, r);
	for (size_t i = 0; i < n && !e && r; i++) {
		if (set[i].column == ctx->columns.slave.routes)
			routes = set[i].text;
		if (set[i].column == ctx->columns.host.name)
			rename_host(ctx, r);
	}
	if (!e && routes)
		e = default_route_settle(ctx, r, routes);
	assignment_free_all(set, n);
	return e;
}

/* Adds elements to a set or map, or removes them. */
static struct err *change_elements(struct context *ctx, const struct call *call,
				   bool is_add)
{
	const struct column_schema *c;
	struct table *t;
	struct row *r = NULL;
	struct err *e = find_table(ctx, call->args[0], &t);

	if (!e)
		e = find_writable(t, call->args[2], &c);
	if (!e && c->type.n_max == 1 && c->type.n_min == 1)
		e = err_hint(err_new(ERR_INVALID, "%s is a single value", c->name),
			     "use `set`");
	if (!e)
		e = find_record(ctx, call, t, &r);
	for (size_t i = 3; i < call->n_args && !e; i++) {
		struct datum d, some;

		e = args_parse_elements(table_schema(t), c, call->args[i], &some);
		if (e)
			return err_at(e, "%s", c->name);
		if (!r) {
			datum_clear(&some, &c->type);
			continue;
		}
		datum_copy(&d, txn_get(ctx->txn, r, c), &c->type);
		if (!is_add)
			datum_subtract(&d, &some, &c->type,
				       c->type.is_map && datum_values(&some));
		else if (c->type.is_map && some.n && !datum_values(&some))
			e = err_hint(err_new(ERR_INVALID, "%s is a map", c->name),
				     "write KEY=VALUE");
		else
			datum_union(&d, &some, &c->type);
		if (!e && (e = datum_check(&d, &c->type)))
			e = err_at(e, "%s", c->name);
		if (e)
			datum_clear(&d, &c->type);
		else
			txn_set(ctx->txn, r, c, &d);
		datum_clear(&some, &c->type);
		if (!e && is_add && c == ctx->columns.slave.routes)
			e = default_route_settle(ctx, r, call->args[i]);
	}
	return e;
}

struct err *cmd_add(struct context *ctx, const struct call *call)
{
	return change_elements(ctx, call, true);
}

struct err *cmd_remove(struct context *ctx, const struct call *call)
{
	return change_elements(ctx, call, false);
}

static struct err *find_clearable(const struct table *t, const char *name,
				  const struct column_schema **ret_column)
{
	struct err *e = find_writable(t, name, ret_column);
	const struct column_type *type = e ? NULL : &(*ret_column)->type;

	if (e || !type->n_min ||
	    (type->key.type == ATOM_STRING && !type->key.allowed &&
	     !type->key.min_length))
		return e;
	return err_hint(err_new(ERR_INVALID, "%s cannot be empty", (*ret_column)->name),
			"give it another value with `set`");
}

struct err *cmd_clear(struct context *ctx, const struct call *call)
{
	const struct column_schema *c;
	struct table *t;
	struct row *r = NULL;
	struct err *e = find_table(ctx, call->args[0], &t);

	for (size_t i = 2; i < call->n_args && !e; i++)
		e = find_clearable(t, call->args[i], &c);
	if (!e)
		e = find_record(ctx, call, t, &r);
	for (size_t i = 2; i < call->n_args && !e && r; i++) {
		struct datum empty;

		e = find_clearable(t, call->args[i], &c);
		if (e)
			break;
		datum_init_default(&empty, &c->type);
		e = datum_check(&empty, &c->type);
		if (!e) {
			txn_set(ctx->txn, r, c, &empty);
			continue;
		}
		e = err_at(e, "%s", c->name);
		datum_clear(&empty, &c->type);
	}
	return e;
}

static struct err *check_creatable(const struct context *ctx, const struct table *t)
{
	const struct table_schema *ts = table_schema(t);

	if (is_declarable(ctx, t))
		return err_hint(
			err_new(ERR_INVALID, "create cannot add a row of %s", ts->name),
			"%s",
			t == ctx->columns.master.table
				? "use `ipvl-ctl add-master NAME`"
				: "a slave belongs to a master: use `ipvl-ctl add-slave "
				  "MASTER NAME`");
	return NULL;
}

struct err *cmd_create(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 1;
	struct assignment *set;
	struct table *t;
	struct row *r;
	struct err *e = find_table(ctx, call->args[0], &t);

	if (!e)
		e = check_creatable(ctx, t);
	if (!e)
		e = args_parse_all(table_schema(t), call->args + 1, n, &set);
	if (e)
		return e;
	e = txn_insert(ctx->txn, t, NULL, &r);
	if (!e)
		e = assignment_write_all(set, n, ctx->txn, r);
	assignment_free_all(set, n);
	return e;
}

static void destroy(struct context *ctx, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;

	if (row_table(r) == c->master.table)
		rows_remove_master(c, ctx->txn, r);
	else if (row_table(r) == c->slave.table)
		rows_remove_slave(c, ctx->txn, r);
	else
		txn_delete(ctx->txn, r);
}

static void destroy_all(struct context *ctx, const struct table *t)
{
	struct row **rows = NULL;
	size_t n = 0, cap = 0;

	TXN_FOR_EACH_ROW (r, ctx->txn, t) {
		rows = arena_grow(ctx->arena, rows, n, &cap, sizeof(*rows));
		rows[n++] = r;
	}
	for (size_t i = 0; i < n; i++)
		destroy(ctx, rows[i]);
}

static struct err *destroy_one(struct context *ctx, const struct call *call,
			       const struct table *t, const char *record)
{
	struct row *r;
	struct err *e = naming_find(ctx, t, record, &r);

	if (e)
		return call_may_ignore(call, e) ? NULL : e;
	destroy(ctx, r);
	return NULL;
}

static struct err *check_destroy(const struct context *ctx, const struct call *call,
				 const struct table *t)
{
	bool is_all = call->options & OPTION_ALL;

	/* With several Hosts ipvld uses none, so that a superfluous one can be
	 * removed. */
	if (t == ctx->columns.host.table && (is_all || call->n_args > table_count(t)))
		return err_hint(err_new(ERR_INVALID, "the row of Host cannot be removed: "
						     "all other rows depend on it"),
				"del-master removes single masters");
	if (is_all && call->n_args > 1)
		return err_hint(
			err_new(ERR_INVALID, "--all cannot be combined with single rows"),
			"leave out one of them");
	if (!is_all && call->n_args == 1)
		return err_hint(err_new(ERR_INVALID, "destroy needs a row"),
				"write --all for all rows of %s", table_schema(t)->name);
	return NULL;
}

struct err *cmd_destroy(struct context *ctx, const struct call *call)
{
	struct table *t;
	struct err *e = find_table(ctx, call->args[0], &t);

	if (!e)
		e = check_destroy(ctx, call, t);
	if (!e && call->options & OPTION_ALL)
		destroy_all(ctx, t);
	for (size_t i = 1; i < call->n_args && !e; i++)
		e = destroy_one(ctx, call, t, call->args[i]);
	return e;
}

struct err *cmd_comment(struct context *ctx, const struct call *call)
{
	const char *text = "";

	for (size_t i = 0; i < call->n_args; i++)
		text = arena_printf(ctx->arena, "%s%s%s", text, i ? " " : "",
				    call->args[i]);
	txn_add_comment(ctx->txn, text);
	return NULL;
}
