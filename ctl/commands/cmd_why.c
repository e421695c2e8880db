/* The command `why`: the state of one master or slave, and what led to it. */
#include "config/state.h"
#include "ctl/commands/cmd.h"
#include "ctl/output/layout.h"
#include "ctl/output/times.h"
#include "ctl/output/writer.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/advice.h"
#include "ctl/text/describe.h"
#include "ctl/past/last_edit.h"
#include "ctl/text/show_drift.h"
#include "ctl/text/show_select.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <string.h>

/* All that is printed. */
struct why {
	const struct context *ctx;
	const char *label;
	const char *port; /* "on eno2 (l2 bridge)", or of a master "l2 bridge" */
	enum row_state state;
	const char *message;
	const struct datum *warnings;
	/* Of a slave whose master is not well: "eno2 is waiting: …"; else NULL. */
	const char *master;
	struct last_edit edit;
	const struct datum *sources;
	struct row **drift; /* the oldest first */
	size_t n_drift;
	struct advice next;
};

/* --- what there is to say --- */

static void gather_slave(struct why *w, const struct row *r)
{
	const struct context *ctx = w->ctx;
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *master = rows_master_of(c, ctx->txn, r);
	const char *message;
	enum row_state state;

	w->state = state_from_name(context_text(ctx, r, c->slave.state));
	w->message = context_text(ctx, r, c->slave.message);
	w->warnings = txn_get(ctx->txn, r, c->slave.warnings);
	w->sources = txn_get(ctx->txn, r, c->slave.sources);
	if (!master)
		return;
	w->port = arena_printf(ctx->arena, "on %s (%s)", naming_label(ctx, master),
			       describe_port(ctx, master));
	state = state_from_name(context_text(ctx, master, c->master.state));
	message = context_text(ctx, master, c->master.message);
	if (state != STATE_UNKNOWN && !state_is_well(state) &&
	    strcmp(message, w->message) != 0)
		w->master =
			arena_printf(ctx->arena, "%s is %s", naming_label(ctx, master),
				     describe_with_message(ctx->arena, state, message));
}

static void gather(struct why *w, const struct row *r)
{
	const struct context *ctx = w->ctx;
	const struct ipvl_columns *c = &ctx->columns;

	w->label = naming_label(ctx, r);
	w->port = "";
	if (row_table(r) == c->slave.table) {
		gather_slave(w, r);
	} else {
		w->port = arena_printf(ctx->arena, "(%s)", describe_port(ctx, r));
		w->state = state_from_name(context_text(ctx, r, c->master.state));
		w->message = context_text(ctx, r, c->master.message);
		w->warnings = txn_get(ctx->txn, r, c->master.warnings);
		w->sources = txn_get(ctx->txn, r, c->master.sources);
	}
	w->drift = show_drift_select(ctx, w->label, &w->n_drift);
	w->next = advice_on_row(ctx, r);
}

/* --- as text --- */

/* "06:54:12 (3 min ago) by root with ipvl-ctl set-slave, transaction 12". */
static const char *origin_text(const struct context *ctx, const struct past *p)
{
	struct arena *a = ctx->arena;
	int64_t now_ms = clock_wall_ms();
	const char *text = arena_printf(a, "%s (%s)", times_local(a, p->time_ms, now_ms),
					times_ago(a, now_ms - p->time_ms));

	if (*p->who)
		text = arena_printf(a, "%s by %s", text, p->who);
	if (*p->command)
		text = arena_printf(a, "%s with %s", text, p->command);
	text = arena_printf(a, "%s, transaction %" PRId64, text, p->serial);
	return *p->comment ? arena_printf(a, "%s (%s)", text, p->comment) : text;
}

static const char *edit_line(const struct why *w)
{
	const struct edit *edit = w->edit.edit;

	if (w->edit.is_unsupported)
		return "unknown: the server keeps no history";
	if (!edit)
		return "before all that the history keeps";
	return arena_printf(w->ctx->arena, "%s: %s%s%s",
			    origin_text(w->ctx, w->edit.past), edit_verb(edit->kind),
			    *edit->what ? ", " : "", edit->what);
}

static const char *sources_line(const struct why *w)
{
	const char *all = "";

	for (uint32_t i = 0; i < w->sources->n; i++)
		all = describe_join(w->ctx->arena, all, datum_keys(w->sources)[i].string);
	return *all ? arena_printf(w->ctx->arena, "by %s", all) : "by no file";
}

/* The last one, and how many there were. */
static const char *drift_line(const struct why *w)
{
	const struct context *ctx = w->ctx;
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *last = w->n_drift ? w->drift[w->n_drift - 1] : NULL;
	int64_t n = 0;
	const char *text;

	if (!last)
		return ctx->replica ? "none since ipvld started"
				    : "unknown without a daemon";
	for (size_t i = 0; i < w->n_drift; i++)
		n += datum_integer(row_get(w->drift[i], c->drift.count), 1);
	text = arena_printf(ctx->arena, "%s %s: %s",
			    times_local(ctx->arena,
					datum_integer(row_get(last, c->drift.time), 0),
					clock_wall_ms()),
			    show_drift_found(ctx, last), show_drift_done(ctx, last));
	return n > 1 ? arena_printf(ctx->arena, "%s; %" PRId64 " since ipvld started",
				    text, n)
		     : text;
}

static void add_line(struct layout *l, const char *key, enum style style,
		     const char *text)
{
	layout_row(l);
	layout_cell(l, STYLE_FAINT, key);
	layout_cell(l, style, text);
}

static void print(const struct why *w)
{
	const struct context *ctx = w->ctx;
	struct layout *l = context_layout(ctx, 2, 2);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_WRAP);
	context_note(ctx, STYLE_STRONG,
		     arena_printf(ctx->arena, "%s %s", w->label, w->port));
	add_line(l, "state", describe_state_style(w->state),
		 describe_with_message(ctx->arena, w->state, w->message));
	if (w->master)
		add_line(l, "master", STYLE_WARNING, w->master);
	for (uint32_t i = 0; i < w->warnings->n; i++)
		add_line(l, "warning", STYLE_WARNING, datum_keys(w->warnings)[i].string);
	add_line(l, "edited", STYLE_PLAIN, edit_line(w));
	add_line(l, "declared", STYLE_PLAIN, sources_line(w));
	add_line(l, "drift", STYLE_PLAIN, drift_line(w));
	if (w->next.command)
		add_line(l, "next", STYLE_PLAIN,
			 arena_printf(ctx->arena, "`%s` %s", w->next.command,
				      w->next.text));
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

/* --- as a tree --- */

static struct json_object *edit_json(const struct why *w)
{
	const struct past *p = w->edit.past;
	struct json_object *json;

	if (!p)
		return json_null();
	json = json_object();
	json_put(json, "serial", json_integer(p->serial));
	json_put(json, "time", json_integer(p->time_ms));
	json_put(json, "who", json_string(p->who));
	json_put(json, "command", json_string(p->command));
	json_put(json, "comment", json_string(p->comment));
	json_put(json, "change", json_string(edit_verb(w->edit.edit->kind)));
	json_put(json, "what", json_string(w->edit.edit->what));
	return json;
}

static struct json_object *drift_json(const struct why *w)
{
	struct json_object *all = json_array();

	for (size_t i = 0; i < w->n_drift; i++)
		json_add(all, show_drift_json(w->ctx, w->drift[i]));
	return all;
}

static struct json_object *strings_json(const struct datum *d)
{
	struct json_object *all = json_array();

	for (uint32_t i = 0; i < d->n; i++)
		json_add(all, json_string(datum_keys(d)[i].string));
	return all;
}

static void print_tree(const struct why *w)
{
	CLEANUP(json_freep) struct json_object *json = json_object();

	json_put(json, "object", json_string(w->label));
	json_put(json, "state", json_string(state_name(w->state)));
	json_put(json, "message", json_string(w->message));
	json_put(json, "warnings", strings_json(w->warnings));
	json_put(json, "edited", edit_json(w));
	json_put(json, "sources", strings_json(w->sources));
	json_put(json, "drift", drift_json(w));
	json_put(json, "next",
		 w->next.command ? json_string(w->next.command) : json_null());
	writer_print_tree(w->ctx->out, w->ctx->options.format, json);
}

/* --- the command --- */

/* There is no such row: its removal may be in the history. Takes 'e'. */
static struct err *explain_removal(struct context *ctx, char *word, struct err *e)
{
	struct last_edit edit;
	struct err *not_read =
		last_edit_find(ctx, &(struct last_edit_of){.label = word}, &edit);

	if (not_read || !edit.past) {
		struct err *better = show_select(ctx, (char *[]){word}, 1,
						 &(struct shown *){NULL}, &(size_t){0});

		err_free(not_read);
		if (!better)
			return e;
		err_free(e);
		return better;
	}
	err_free(STEAL(e));
	return err_hint(err_new(ERR_NOT_FOUND, "%s was removed at %s", edit.edit->object,
				origin_text(ctx, edit.past)),
			"`ipvl-ctl undo %" PRId64 "` brings it back", edit.past->serial);
}

struct err *cmd_why(struct context *ctx, const struct call *call)
{
	struct why w = {.ctx = ctx};
	const struct table *table;
	struct uuid uuid;
	struct row *r;
	struct err *e = naming_find_any(ctx, call->args[0], &r, NULL);

	if (e && e->code == ERR_NOT_FOUND)
		return explain_removal(ctx, call->args[0], e);
	if (e)
		return e;
	/* The row may go while the history is read. */
	uuid = *row_uuid(r);
	table = row_table(r);
	e = last_edit_find(ctx, &(struct last_edit_of){.uuid = &uuid}, &w.edit);
	if (e)
		return e;
	r = txn_find(ctx->txn, table, &uuid);
	if (!r)
		return err_new(ERR_NOT_FOUND, "%s was removed just now", call->args[0]);
	gather(&w, r);
	if (ctx->options.format == FORMAT_JSON || ctx->options.format == FORMAT_YAML)
		print_tree(&w);
	else
		print(&w);
	return NULL;
}
