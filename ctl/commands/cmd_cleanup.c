/* cleanup: ends the setting that keeps devices of a lost database (reconciler/leftovers.h). */
#include "config/settings.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "lib/alloc.h"

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
