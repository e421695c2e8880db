/* repair, cleanup: has ipvld put right what it has left as it is, or holds back, and remove what a
 * lost database has left (reconciler/leftovers.h). */
#include "config/settings.h"
#include "config/state.h"
#include "ctl/commands/cmd.h"
#include "ctl/files/source.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

static void repair_if_drifted(struct context *ctx, struct row *r)
{
	if (state_of_row(&ctx->columns, r) == STATE_DRIFTED)
		source_repair_row(ctx, r);
}

static void repair_all(struct context *ctx)
{
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		repair_if_drifted(ctx, masters[i]);
		for (size_t k = 0; k < n_slaves; k++)
			repair_if_drifted(ctx, slaves[k]);
	}
}

struct err *cmd_repair(struct context *ctx, const struct call *call)
{
	struct row *r;

	if (ctx->file)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s is a database file, and repair needs a running "
				"daemon",
				ctx->options.db),
			"start ipvld, or connect to it with --db");
	/* Adding one twice asks for one repair. */
	for (size_t i = 0; i < call->n_args; i++) {
		struct err *e = naming_find_any(ctx, call->args[i], &r, NULL);

		if (e)
			return e;
		source_repair_row(ctx, r);
	}
	if (!call->n_args)
		repair_all(ctx);
	ctx->wants_summary = true;
	return NULL;
}

/* Ends the setting that keeps them. */
struct err *cmd_cleanup(struct context *ctx, const struct call *call)
{
	const struct column_schema *c = ctx->columns.host.other_config;
	struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);
	union atom key = {.string = (char[]){SETTING_LEFTOVERS}};
	struct datum settings, gone;

	(void)call;
	if (!host || !settings_keep_leftovers(txn_get(ctx->txn, host, c))) {
		fputs("nothing to clean up: ipvld keeps no devices of a lost database\n",
		      ctx->warnings);
		return NULL;
	}
	datum_copy(&settings, txn_get(ctx->txn, host, c), &c->type);
	datum_init_empty(&gone);
	datum_append(&gone, atom_copy(&key, ATOM_STRING), NULL);
	datum_subtract(&settings, &gone, &c->type, false);
	datum_clear(&gone, &c->type);
	txn_set(ctx->txn, host, c, &settings);
	ctx->wants_summary = true;
	return NULL;
}
