/* The command `show`, and the lines below its masters: drift, and errors of the
 * configuration. show_select.c finds the rows, show_text.c, show_records.c, show_json.c and
 * ctl/picture print them. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/picture/picture.h"
#include "ctl/picture/picture_dot.h"
#include "ctl/picture/picture_svg.h"
#include "ctl/session/ask.h"
#include "ctl/past/earlier.h"
#include "ctl/text/on_trial.h"
#include "ctl/text/show_json.h"
#include "ctl/text/show_records.h"
#include "ctl/text/show_select.h"
#include "ctl/text/show_text.h"
#include "ctl/output/times.h"
#include "lib/clock.h"

#include <inttypes.h>
#include <string.h>

/* One line about the repairs of the last hour. */
static void show_drift(const struct context *ctx)
{
	const struct ipvl_columns *c = &ctx->columns;
	int64_t now_ms = clock_wall_ms(), last_ms = 0, n = 0;

	TABLE_FOR_EACH (r, c->drift.table) {
		int64_t time_ms = datum_integer(row_get(r, c->drift.time), 0);

		/* Drift that is not repaired has a warning of its own. */
		if (now_ms - time_ms > TIMES_HOUR_MS ||
		    !strcmp(context_text(ctx, r, c->drift.done), "left as it is"))
			continue;
		n += datum_integer(row_get(r, c->drift.count), 1);
		last_ms = time_ms > last_ms ? time_ms : last_ms;
	}
	if (n)
		context_note(ctx, STYLE_PLAIN,
			     arena_printf(ctx->arena,
					  "drift: %" PRId64 " repair%s in the last hour, "
					  "%s%s (see `ipvl-ctl drift`)",
					  n, n == 1 ? "" : "s", n == 1 ? "" : "the last ",
					  times_ago(ctx->arena, now_ms - last_ms)));
}

/* The lines that do not belong to one master. */
static void show_rest(const struct context *ctx, bool is_empty)
{
	const struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);
	const struct datum *errors =
		host ? txn_get(ctx->txn, host, ctx->columns.host.config_errors) : NULL;

	if (is_empty)
		context_note(ctx, STYLE_PLAIN,
			     "no masters yet: add one with `ipvl-ctl add-master NAME` or "
			     "`ipvl-ctl apply -f FILE`");
	on_trial_note(ctx);
	show_drift(ctx);
	for (uint32_t i = 0; errors && i < errors->n; i++)
		context_note(ctx, STYLE_BAD,
			     arena_printf(ctx->arena, "configuration error: %s",
					  datum_keys(errors)[i].string));
	if (!ctx->replica && ctx->file && !is_empty)
		context_note(ctx, STYLE_PLAIN,
			     arena_printf(ctx->arena,
					  "%s is a database file: states are unknown "
					  "without a daemon",
					  ctx->options.db));
}

/* What --not-ready leaves; a file and an earlier configuration have no states. */
static struct err *leave_not_ready(const struct context *ctx, const struct call *call,
				   struct shown *shown, size_t *n)
{
	if (call->at)
		return err_hint(
			err_new(ERR_INVALID, "--not-ready and --at exclude each other"),
			"an earlier configuration has no states");
	if (!ctx->replica && ctx->file)
		return ask_check(ctx, "show --not-ready");
	show_select_not_ready(ctx, shown, n);
	return NULL;
}

/* 'heading': of an earlier configuration, else NULL. */
static void print_text(const struct context *ctx, const struct call *call,
		       const char *heading, const struct shown *shown, size_t n)
{
	bool is_filtered = call->options & OPTION_NOT_READY;

	if (heading)
		context_note(ctx, STYLE_FAINT, heading);
	show_text(ctx, shown, n, heading || (!ctx->replica && ctx->file));
	if (is_filtered && !n)
		context_note(ctx, STYLE_GOOD, "everything is ready");
	if (heading && !n)
		context_note(ctx, STYLE_PLAIN, "no masters");
	else if (!heading && !call->n_args)
		show_rest(ctx, !n && !is_filtered);
}

struct err *cmd_show(struct context *ctx, const struct call *call)
{
	const char *heading = NULL;
	struct shown *shown;
	size_t n;
	struct err *e = call->at ? earlier_go_to(ctx, call->at, &heading) : NULL;

	if (!e)
		e = show_select(ctx, call->args, call->n_args, &shown, &n);
	if (!e && call->options & OPTION_NOT_READY)
		e = leave_not_ready(ctx, call, shown, &n);
	if (e)
		return e;
	switch (ctx->options.format) {
	case FORMAT_DEFAULT:
	case FORMAT_TABLE:
		print_text(ctx, call, heading, shown, n);
		return NULL;
	case FORMAT_LIST:
	case FORMAT_CSV:
		show_records(ctx, shown, n);
		return NULL;
	case FORMAT_JSON:
	case FORMAT_YAML:
		show_json(ctx, shown, n);
		return NULL;
	case FORMAT_DOT:
		picture_print_dot(picture_make(ctx, shown, n), ctx->out);
		return NULL;
	case FORMAT_SVG:
		picture_print_svg(picture_make(ctx, shown, n), ctx->out);
		return NULL;
	}
	return NULL;
}
