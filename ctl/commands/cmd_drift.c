/* The command `drift`: changes by other programs. */
#include "ctl/commands/cmd.h"
#include "ctl/output/layout.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/show_drift.h"

/* True if an object has this name, or several do. */
static bool is_known(struct context *ctx, const char *name)
{
	struct row *r;
	struct err *e = naming_find_any(ctx, name, &r, NULL);
	bool is_missing = e && e->code == ERR_NOT_FOUND;

	err_free(e);
	return !is_missing;
}

/* What is there already, and then what comes. */
static void go_on(struct context *ctx, struct row **rows, size_t n)
{
	if (!ctx->kept)
		context_keep(ctx, show_drift_seen_new(), show_drift_seen_free);
	n = show_drift_only_new(ctx->kept, ctx, rows, n);
	if (ctx->options.format == FORMAT_JSON)
		show_drift_lines(ctx, rows, n);
	else
		show_drift_print(ctx, rows, n);
	if (!n && !ctx->is_again)
		fputs("no drift so far; waiting for it, Ctrl-C ends\n", ctx->warnings);
}

struct err *cmd_drift(struct context *ctx, const struct call *call)
{
	const char *object = call->n_args ? call->args[0] : NULL;
	struct row **rows;
	size_t n;

	if (ctx->file)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is a database file, which holds no drift",
					ctx->options.db),
				"ipvld keeps it in memory while it runs");
	rows = show_drift_select(ctx, object, &n);
	if (!n && object && !ctx->is_again && !is_known(ctx, object))
		return err_hint(
			err_new(ERR_NOT_FOUND, "no such master or slave: %s", object),
			"`ipvl-ctl drift` lists that of all objects");
	if (ctx->follows)
		go_on(ctx, rows, n);
	else if (ctx->options.format != FORMAT_DEFAULT)
		show_drift_list(ctx, rows, n);
	else if (n)
		show_drift_print(ctx, rows, n);
	else
		context_note(ctx, STYLE_PLAIN,
			     arena_printf(ctx->arena, "no drift%s%s since ipvld started",
					  object ? " of " : "", object ? object : ""));
	return NULL;
}
