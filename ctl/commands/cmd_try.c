/* try, confirm, cancel: a change that is taken back unless it is confirmed. run.c puts the
 * line's transaction on trial, and prompt.c asks; ipvld takes it back. */
#include "config/trial.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/ask.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>

struct err *cmd_try(struct context *ctx, const struct call *call)
{
	struct err *e = ctx->options.dry_run ? NULL : ask_check(ctx, "try");

	if (!e && !ctx->options.dry_run)
		e = trial_check_none(&ctx->columns);
	if (e)
		return e;
	/* Otherwise the other commands of the line are tried. */
	return call->is_alone || call->n_files ? cmd_apply(ctx, call) : NULL;
}

static struct err *no_trial(void)
{
	return err_hint(err_new(ERR_NOT_FOUND, "no change is on trial"),
			"`ipvl-ctl history` says whether it was confirmed or taken back");
}

static void say(const struct context *ctx, int64_t serial, const char *what)
{
	/* Other formats are for programs: the exit status is enough. */
	if (!ctx->options.format)
		fprintf(ctx->out, "transaction %" PRId64 " is %s\n", serial, what);
}

struct err *cmd_confirm(struct context *ctx, const struct call *call)
{
	struct row *trial = trial_find(&ctx->columns, ctx->txn);
	int64_t serial;

	(void)call;
	if (!trial)
		return no_trial();
	serial = datum_integer(txn_get(ctx->txn, trial, ctx->columns.trial.serial), 0);
	txn_add_comment(ctx->txn, arena_printf(ctx->arena, "confirm %" PRId64, serial));
	txn_delete(ctx->txn, trial);
	say(ctx, serial, "confirmed");
	return NULL;
}

/* Those that are not as they were are named after the wait. */
static void note_all_rows(struct context *ctx)
{
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		context_concern(ctx, masters[i]);
		for (size_t k = 0; k < n_slaves; k++)
			context_concern(ctx, slaves[k]);
	}
}

struct err *cmd_cancel(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct err *e = ask_check(ctx, "cancel");

	(void)call;
	if (!e && ctx->options.dry_run)
		e = err_hint(
			err_new(ERR_UNSUPPORTED, "cancel does not support --dry-run"),
			"`ipvl-ctl history -p 1` shows what was changed");
	if (!e && !trial_find(&ctx->columns, NULL))
		e = no_trial();
	if (!e)
		e = ask_daemon(ctx, "ipvl_cancel", NULL,
			       "`ipvl-ctl undo` reverts a change that is confirmed",
			       &result);
	if (e)
		return e;
	ctx->reloaded_cfg = json_get_integer(json_member(result, "next_cfg"));
	note_all_rows(ctx);
	say(ctx, json_get_integer(json_member(result, "transaction")), "taken back");
	return NULL;
}
