/* The command `status`: the daemon, and every row that is not ready. The command
 * `drift`: changes by other programs. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"
#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/session/naming.h"
#include "ctl/text/summary.h"
#include "ctl/output/times.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_daemon(const struct context *ctx, const struct summary *s)
{
	if (!*s->version) {
		fprintf(ctx->out, "no daemon has used this database yet\n");
		return;
	}
	fprintf(ctx->out, "ipvld %s on Linux %s\n", s->version, s->kernel);
	if (s->cur_cfg >= s->next_cfg)
		fprintf(ctx->out, "configuration %" PRId64 " is applied\n", s->next_cfg);
	else
		fprintf(ctx->out,
			"configuration %" PRId64
			" is being applied; last applied: %" PRId64 "\n",
			s->next_cfg, s->cur_cfg);
}

/* Prints one count in its colour, on the next line if this one is full. '*at' is the
 * end of the line. */
static void print_count(const struct context *ctx, size_t *at, const char *before,
			size_t n, enum style style, const char *what)
{
	const char *text = arena_printf(ctx->arena, "%s%zu ", before, n);
	size_t width = display_width(text) + display_width(what) + 1;

	if (ctx->width && *at + width > ctx->width) {
		size_t blank = strcspn(text, " ");

		fwrite(text, 1, blank, ctx->out);
		fputs("\n  ", ctx->out);
		text += blank + 1;
		*at = 2;
	}
	*at += width;
	fputs(text, ctx->out);
	layout_styled(ctx->out, ctx->colour, style, what);
}

static void print_counts(const struct context *ctx, const char *noun,
			 const struct summary_counts *c)
{
	const char *all = describe_count(ctx->arena, c->n, noun), *before = ": ";
	size_t at = display_width(all);

	fputs(all, ctx->out);
	for (size_t i = 0; i < N_STATES; i++) {
		enum row_state state = summary_state_at(i);

		if (!c->by_state[state])
			continue;
		print_count(ctx, &at, before, c->by_state[state],
			    describe_state_style(state), summary_state_name(state));
		before = ", ";
	}
	if (c->n_warned)
		print_count(ctx, &at, *before == ':' ? before : "; ", c->n_warned,
			    STYLE_WARNING,
			    c->n_warned == 1 ? "with a warning" : "with warnings");
	fputc('\n', ctx->out);
}

static void print_problems(const struct context *ctx, const struct summary *s)
{
	struct layout *l = context_layout(ctx, 2, 2);

	layout_fit(l, 0, LAYOUT_ELIDE_START);
	layout_fit(l, 1, LAYOUT_KEEP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < s->n_problems; i++) {
		layout_row(l);
		layout_cell(l, STYLE_STRONG, s->problems[i].label);
		layout_cell(l, describe_state_style(s->problems[i].state),
			    state_name(s->problems[i].state));
		layout_cell(l, STYLE_PLAIN, s->problems[i].message);
	}
	for (size_t i = 0; i < s->n_warnings; i++) {
		if (s->warnings[i].is_of_master)
			continue;
		layout_row(l);
		layout_cell(l, STYLE_STRONG, s->warnings[i].label);
		layout_cell(l, STYLE_WARNING, "warning");
		layout_cell(l, STYLE_PLAIN, s->warnings[i].text);
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
	for (uint32_t i = 0; s->config_errors && i < s->config_errors->n; i++)
		context_note(ctx, STYLE_BAD,
			     arena_printf(ctx->arena, "configuration error: %s",
					  datum_keys(s->config_errors)[i].string));
}

struct err *cmd_status(struct context *ctx, const struct call *call)
{
	struct summary s = summary_make(ctx);

	if (call->options & OPTION_CHECK)
		ctx->differs = s.n_problems || s.n_warnings || s.cur_cfg < s.next_cfg ||
			       !*s.version || (s.config_errors && s.config_errors->n);
	if (ctx->options.format == FORMAT_JSON || ctx->options.format == FORMAT_YAML) {
		summary_print_tree(ctx, &s);
		return NULL;
	}
	print_daemon(ctx, &s);
	print_counts(ctx, "master", &s.masters);
	print_counts(ctx, "slave", &s.slaves);
	print_problems(ctx, &s);
	return NULL;
}

/* Rows of Drift, the oldest first. */
static int drift_cmp(const void *a, const void *b, void *aux)
{
	const struct context *ctx = aux;
	const struct column_schema *time = ctx->columns.drift.time;
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	int64_t at_x = datum_integer(row_get(x, time), 0);
	int64_t at_y = datum_integer(row_get(y, time), 0);

	return at_x < at_y ? -1 : at_x > at_y;
}

/* The object whose drift is shown; it may no longer exist. */
struct drift_object {
	const char *text;   /* NULL: all */
	bool is_slave_name; /* only the name is compared; otherwise the whole label */
};

static bool is_of(const struct drift_object *o, const char *label)
{
	const char *slash = o->is_slave_name ? strrchr(label, '/') : NULL;

	return !o->text || !strcmp(o->text, slash ? slash + 1 : label);
}

static struct row **drift_rows(struct context *ctx, const struct drift_object *object,
			       size_t *ret_n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct row **rows = arena_array(ctx->arena, table_count(c->drift.table) + 1,
					sizeof(struct row *));
	size_t n = 0;

	TABLE_FOR_EACH (r, c->drift.table) {
		if (is_of(object, context_text(ctx, r, c->drift.object)))
			rows[n++] = r;
	}
	qsort_r(rows, n, sizeof(struct row *), drift_cmp, ctx);
	*ret_n = n;
	return rows;
}

static void print_drift(struct context *ctx, struct row *const *rows, size_t n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct layout *l = context_layout(ctx, 0, 2);
	int64_t now_ms = clock_wall_ms();
	struct arena *a = ctx->arena;

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_ELIDE_START);
	layout_fit(l, 2, LAYOUT_WRAP);
	layout_fit(l, 3, LAYOUT_WRAP);
	for (size_t i = 0; i < n; i++) {
		const struct row *r = rows[i];
		const char *actor = context_text(ctx, r, c->drift.actor);
		const char *done = context_text(ctx, r, c->drift.done);
		int64_t took_ms = datum_integer(row_get(r, c->drift.took_ms), 0);
		int64_t count = datum_integer(row_get(r, c->drift.count), 1);

		if (took_ms)
			done = arena_printf(a, "%s after %s", done,
					    times_span(a, took_ms));
		if (count > 1)
			done = arena_printf(a, "%s (%" PRId64 " times in a row)", done,
					    count);
		layout_row(l);
		layout_cell(l, STYLE_FAINT,
			    times_local(a, datum_integer(row_get(r, c->drift.time), 0),
					now_ms));
		layout_cell(l, STYLE_STRONG, context_text(ctx, r, c->drift.object));
		layout_cell(l, STYLE_PLAIN,
			    arena_printf(a, "%s%s%s",
					 context_text(ctx, r, c->drift.found),
					 *actor ? " by " : "", actor));
		layout_cell(l, STYLE_GOOD, done);
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

static void list_drift(struct context *ctx, struct row *const *rows, size_t n)
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

/* True if an object has this name, or several do. */
static bool is_known(struct context *ctx, const char *name)
{
	struct row *r;
	struct err *e = naming_find_master(ctx, name, &r);
	bool is_missing = e && e->code == ERR_NOT_FOUND;

	err_free(e);
	if (!is_missing)
		return true;
	e = naming_find_slave(ctx, name, &r, NULL);
	is_missing = e && e->code == ERR_NOT_FOUND;
	err_free(e);
	return !is_missing;
}

struct err *cmd_drift(struct context *ctx, const struct call *call)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct drift_object object = {.text = call->n_args ? call->args[0] : NULL};
	struct row **rows;
	size_t n;

	if (ctx->file)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is a database file, which holds no drift",
					ctx->options.db),
				"ipvld keeps it in memory while it runs");
	/* "eth0" is the master of that name, not a slave in some namespace. */
	object.is_slave_name = object.text && !strchr(object.text, '/') &&
			       !rows_find_master(c, ctx->txn, "", object.text);
	rows = drift_rows(ctx, &object, &n);
	if (!n && object.text && !is_known(ctx, object.text))
		return err_hint(err_new(ERR_NOT_FOUND, "no such master or slave: %s",
					object.text),
				"`ipvl-ctl drift` lists all of it");
	if (ctx->options.format != FORMAT_DEFAULT)
		list_drift(ctx, rows, n);
	else if (n)
		print_drift(ctx, rows, n);
	else
		context_note(ctx, STYLE_PLAIN,
			     arena_printf(ctx->arena, "no drift%s%s since ipvld started",
					  call->n_args ? " of " : "",
					  call->n_args ? call->args[0] : ""));
	return NULL;
}
