/* `history` lists transactions: when, by whom, and what. `undo` reverts one with a new
 * transaction, which is checked, shown and applied as any other. */
#include "ctl/past/blame.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/output/layout.h"
#include "ctl/past/past.h"
#include "ctl/past/patch.h"
#include "ctl/output/times.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The number that `history` shows by default, and the most that are read. */
#define DEFAULT_SHOWN 20
#define MAX_READ      1000
/* Changes of one transaction that are shown. */
#define MAX_CHANGES 8
/* The column of user and command, after the number and the date. */
#define DOER_COLUMN 2
/* The indent of changes, below the number and the date. */
#define CHANGE_INDENT 6
#define PATCH_INDENT  10

/* next_cfg never decreases: undo adds one to it, as every change does. A trial and what
 * follows from it are not part of the configuration, nor is who has a device. */
static const struct history_except kept[] = {
	{"Host", "next_cfg"},   {"Host", "withheld"},  {"Trial", NULL},
	{"Master", "transfer"}, {"Slave", "transfer"},
};

static struct err *read_number(const struct call *call, const char *what,
			       uint64_t if_none, uint64_t *ret_number)
{
	const char *hint = command_foreign_hint(call->command->name);
	struct err *e;

	*ret_number = if_none;
	if (!call->n_args || text_to_uint(call->args[0], 1, INT64_MAX - 1, ret_number))
		return NULL;
	e = err_new(ERR_INVALID, "\"%s\" is not %s", call->args[0], what);
	return hint && !isdigit((unsigned char)*call->args[0]) ? err_hint(e, "%s", hint)
							       : e;
}

/* --- history --- */

static void print_changes(const struct context *ctx, struct layout *l,
			  const struct past *p)
{
	size_t n_left = p->n_changes > MAX_CHANGES ? p->n_changes - MAX_CHANGES : 0;

	for (size_t i = 0; i < p->n_changes - n_left; i++)
		layout_note(l, CHANGE_INDENT, edit_style(&p->changes[i].edit),
			    edit_text(ctx->arena, &p->changes[i].edit));
	if (n_left)
		layout_note(l, CHANGE_INDENT, STYLE_FAINT,
			    arena_printf(ctx->arena, "and %zu more", n_left));
}

static void print_patch(const struct context *ctx, struct layout *l, const struct past *p)
{
	for (size_t i = 0; i < p->n_changes; i++) {
		struct edit edit = p->changes[i].edit;

		edit.what = "";
		layout_note(l, CHANGE_INDENT, edit_style(&edit),
			    edit_text(ctx->arena, &edit));
		patch_add(ctx, l, PATCH_INDENT, &p->changes[i]);
	}
}

/* One line for each change: a long command does not move them. */
static void print_one(const struct context *ctx, struct layout *l, const struct past *p,
		      bool is_patch)
{
	layout_row(l);
	layout_cell(l, STYLE_STRONG, arena_printf(ctx->arena, "%4" PRId64, p->serial));
	layout_cell(l, STYLE_FAINT, times_date(ctx->arena, p->time_ms));
	layout_cell(l, STYLE_PLAIN,
		    arena_printf(ctx->arena, "%s%s%s", p->who,
				 *p->who && *p->command ? ": " : "", p->command));
	if (*p->comment)
		layout_note(l, CHANGE_INDENT, STYLE_FAINT,
			    arena_printf(ctx->arena, "(%s)", p->comment));
	if (!p->json)
		layout_note(l, CHANGE_INDENT, STYLE_FAINT, "not kept");
	if (is_patch)
		print_patch(ctx, l, p);
	else
		print_changes(ctx, l, p);
}

static void write_one(const struct context *ctx, struct writer *w, const struct past *p)
{
	const char *all = "";

	for (size_t i = 0; i < p->n_changes; i++)
		all = arena_printf(ctx->arena, "%s%s%s", all, i ? "; " : "",
				   edit_text(ctx->arena, &p->changes[i].edit));
	writer_integer(w, p->serial);
	writer_integer(w, p->time_ms);
	writer_text(w, STYLE_PLAIN, p->who);
	writer_text(w, STYLE_PLAIN, p->command);
	writer_text(w, STYLE_PLAIN, p->comment);
	writer_text(w, STYLE_PLAIN, all);
}

/* False for transactions of the daemon itself, which change no configuration. */
static bool is_shown(const struct past *p)
{
	return p->n_changes || !p->json;
}

static void show(struct context *ctx, const struct past *past, size_t n, uint64_t max,
		 bool is_patch)
{
	static const char *const headings[] = {"serial",  "time",    "who",
					       "command", "comment", "changes"};
	bool is_plain =
		ctx->options.format == FORMAT_DEFAULT && !ctx->options.no_headings;
	struct layout *l = context_layout(ctx, 0, 2);
	struct writer *w = is_plain ? NULL
				    : context_writer(ctx, FORMAT_TABLE, headings,
						     ARRAY_SIZE(headings));
	uint64_t n_shown = 0;

	layout_fit(l, DOER_COLUMN, LAYOUT_WRAP);
	for (size_t i = 0; i < n && n_shown < max; i++) {
		if (!is_shown(&past[i]))
			continue;
		n_shown++;
		if (is_plain)
			print_one(ctx, l, &past[i], is_patch);
		else
			write_one(ctx, w, &past[i]);
	}
	if (w)
		writer_finish(w);
	else if (n_shown)
		layout_print(l, ctx->out, ctx->colour);
	else
		fputs("no changes yet\n", ctx->out);
	layout_free(l);
}

static void show_tree(const struct context *ctx, const struct json_object *all,
		      const struct past *past, size_t n, uint64_t max)
{
	CLEANUP(json_freep) struct json_object *shown = json_array();

	for (size_t i = 0; i < n && json_get_length(shown) < max; i++) {
		if (is_shown(&past[i]))
			json_add(shown, json_clone(json_at(all, i)));
	}
	writer_print_tree(ctx->out, ctx->options.format, shown);
}

struct err *cmd_history(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *all = NULL;
	bool is_patch = call->options & OPTION_PATCH;
	struct past *past;
	uint64_t max;
	size_t n;
	struct err *e =
		read_number(call, "a number of transactions", DEFAULT_SHOWN, &max);

	if (!e && is_patch && ctx->options.format)
		e = err_hint(err_new(ERR_UNSUPPORTED, "--patch is for plain text"),
			     "leave it out: --format=json has all values");
	if (!e)
		e = past_read(ctx, 0, MAX_READ, &all, &past, &n);
	if (e)
		return e;
	if (ctx->options.format == FORMAT_JSON || ctx->options.format == FORMAT_YAML)
		show_tree(ctx, all, past, n, max);
	else
		show(ctx, past, n, max, is_patch);
	return NULL;
}

/* --- undo --- */

/* The last transaction that changed the configuration. */
static struct err *choose_last(const struct past *past, size_t n,
			       const struct past **ret_past)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_shown(&past[i]))
			continue;
		*ret_past = &past[i];
		return NULL;
	}
	return err_new(ERR_NOT_FOUND, "there is nothing to undo");
}

static struct err *choose(const struct past *past, size_t n, int64_t serial,
			  const struct past **ret_past)
{
	if (!serial)
		return choose_last(past, n, ret_past);
	for (size_t i = 0; i < n; i++) {
		if (past[i].serial == serial) {
			*ret_past = &past[i];
			return NULL;
		}
	}
	return err_hint(
		err_new(ERR_NOT_FOUND, "the history has no transaction %" PRId64, serial),
		"see `ipvl-ctl history`");
}

/* What a transaction of the history has set the `transfer` of a row to; "" if it has not. */
static const char *transfer_of(const struct past *p, const struct table *table,
			       const struct uuid *row)
{
	char uuid[UUID_TEXT_BYTES];
	const struct json_object *rows =
		p->json ? json_member(p->json, table_schema(table)->name) : NULL;
	const struct json_object *change =
		rows ? json_member(rows, uuid_format(row, uuid)) : NULL;
	const struct json_object *made = change ? json_member(change, "insert") : NULL;
	const struct json_object *changed = change ? json_member(change, "modify") : NULL;
	const struct json_object *value = made ? json_member(made, "transfer") : NULL;

	if (changed && json_member(changed, "transfer"))
		value = json_at(json_member(changed, "transfer"), 1);
	return value && json_kind(value) == JSON_STRING ? json_get_string(value) : "";
}

/* The transaction, from 'chosen' on, that took the device of a row over; 0: none. */
static int64_t adoption_of(const struct past *past, size_t n, const struct past *chosen,
			   const struct table *table, const struct uuid *row)
{
	if (!strcmp(transfer_of(chosen, table, row), ROWS_ADOPT))
		return chosen->serial;
	for (size_t i = 0; i < n && past[i].serial > chosen->serial; i++) {
		if (!strcmp(transfer_of(&past[i], table, row), ROWS_ADOPT))
			return past[i].serial;
	}
	return 0;
}

/* Without its row a device that was taken over would be deleted. One that was given up
 * stays as it is, whatever becomes of its row. */
static struct err *check_transfers(struct context *ctx, const struct past *past, size_t n,
				   const struct past *chosen)
{
	const struct ipvl_columns *c = &ctx->columns;

	TXN_FOR_EACH_CHANGE (change, ctx->txn) {
		int64_t serial;

		if (change.table != c->slave.table && change.table != c->master.table)
			continue;
		if (change.kind == CHANGE_INSERT)
			rows_set_transfer(
				c, ctx->txn,
				txn_find(ctx->txn, change.table, row_uuid(change.row)),
				NULL);
		if (change.kind != CHANGE_DELETE)
			continue;
		serial = adoption_of(past, n, chosen, change.table, row_uuid(change.row));
		if (serial)
			return err_hint(
				err_new(ERR_UNSUPPORTED,
					"transaction %" PRId64
					" took %s over, and without its row the device "
					"would be deleted",
					serial, naming_label(ctx, change.row)),
				"`ipvl-ctl release %s` gives it up; del-slave and "
				"del-master delete it",
				naming_label(ctx, change.row));
	}
	return NULL;
}

/* One that did nothing but to take a device over: `release` is its opposite. */
static struct err *check_bare_transfer(struct context *ctx, const struct past *chosen,
				       const struct table *table)
{
	TABLE_FOR_EACH (r, table) {
		if (txn_is_empty(ctx->txn) &&
		    !strcmp(transfer_of(chosen, table, row_uuid(r)), ROWS_ADOPT))
			return err_hint(
				err_new(ERR_UNSUPPORTED,
					"transaction %" PRId64
					" took %s over, which undo cannot give back",
					chosen->serial, naming_label(ctx, r)),
				"`ipvl-ctl release %s` gives it up",
				naming_label(ctx, r));
	}
	return NULL;
}

/* Without a Host there is no configuration. */
static bool created_host(const struct context *ctx, const struct past *p)
{
	const struct json_object *hosts =
		p->json ? json_member(p->json,
				      table_schema(ctx->columns.host.table)->name)
			: NULL;
	bool is_created = false;

	if (!hosts)
		return false;
	for (struct json_iter i = json_iter_begin(hosts); json_iter_next(&i);)
		is_created |= json_member(i.value, "insert") != NULL;
	return is_created;
}

static struct err *check_undoable(const struct context *ctx, const struct past *chosen)
{
	if (created_host(ctx, chosen))
		return err_new(ERR_UNSUPPORTED,
			       "transaction %" PRId64
			       " cannot be undone: it created the database",
			       chosen->serial);
	if (!is_shown(chosen))
		return err_hint(err_new(ERR_INVALID,
					"transaction %" PRId64
					" changed nothing of the configuration",
					chosen->serial),
				"`ipvl-ctl history` shows those that did");
	if (!chosen->json)
		return err_new(ERR_UNSUPPORTED,
			       "transaction %" PRId64 " cannot be undone: it, or a later "
			       "one, was too large to be kept, or the database was "
			       "converted since",
			       chosen->serial);
	return NULL;
}

/* `undo` without a number reverts the last change, which may be an undo. */
static void note_redone(struct context *ctx, const struct past *past, size_t n,
			const struct past *chosen)
{
	int64_t undone;

	if (sscanf(chosen->comment, "undo %" SCNd64, &undone) != 1)
		return;
	fprintf(ctx->warnings,
		"transaction %" PRId64 " was `undo %" PRId64 "`: that change is back",
		chosen->serial, undone);
	for (size_t i = 0; i < n; i++) {
		if (past[i].serial >= undone || !is_shown(&past[i]))
			continue;
		fprintf(ctx->warnings,
			"; to go further back: `ipvl-ctl undo %" PRId64 "`",
			past[i].serial);
		break;
	}
	putc('\n', ctx->warnings);
}

struct err *cmd_undo(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *all = NULL, *one = NULL;
	const struct past *chosen;
	struct past *past, *older;
	struct history_obstacle obstacle;
	uint64_t serial;
	size_t n, n_older;
	struct err *e = read_number(
		call, "the number of a transaction; see `ipvl-ctl history`", 0, &serial);

	/* With all later transactions, since one of them may prevent the undo. */
	if (!e)
		e = past_read(ctx, 0, MAX_READ, &all, &past, &n);
	if (!e)
		e = choose(past, n, (int64_t)serial, &chosen);
	/* The server decides how much one page has. */
	if (e && e->code == ERR_NOT_FOUND && serial) {
		err_free(e);
		e = past_read(ctx, (int64_t)serial + 1, 1, &one, &older, &n_older);
		if (!e)
			e = choose(older, n_older, (int64_t)serial, &chosen);
	}
	if (e)
		return e;
	e = check_undoable(ctx, chosen);
	if (e)
		return e;
	ctx->wants_summary = true;
	/* The history keeps a command's name without its arguments (lib/process.h). */
	txn_add_comment(ctx->txn,
			arena_printf(ctx->arena, "undo %" PRId64, chosen->serial));
	e = history_revert(ctx->txn, chosen->json, kept, ARRAY_SIZE(kept), &obstacle);
	if (e)
		return blame(ctx, past, n, chosen, &obstacle, e);
	if (!serial)
		note_redone(ctx, past, n, chosen);
	e = check_transfers(ctx, past, n, chosen);
	if (!e)
		e = check_bare_transfer(ctx, chosen, ctx->columns.master.table);
	return e ? e : check_bare_transfer(ctx, chosen, ctx->columns.slave.table);
}
