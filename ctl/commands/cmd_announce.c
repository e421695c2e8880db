/* The command `announce`: has ipvld announce addresses of slaves again. */
#include "ctl/commands/cmd.h"
#include "ctl/session/ask.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

static void add(const struct context *ctx, struct json_object *list,
		const struct row *slave)
{
	struct json_object *o = json_object();

	json_put(o, "netns",
		 json_string(context_text(ctx, slave, ctx->columns.slave.netns)));
	json_put(o, "name",
		 json_string(context_text(ctx, slave, ctx->columns.slave.name)));
	json_add(list, o);
}

/* A master of that name, with all its slaves; else a slave. */
static struct err *add_named(struct context *ctx, struct json_object *list,
			     const char *name)
{
	struct row *r, **slaves;
	struct err *e = naming_find_any(ctx, name, &r, NULL);
	size_t n;

	if (e)
		return e;
	if (row_table(r) == ctx->columns.slave.table) {
		add(ctx, list, r);
		return NULL;
	}
	slaves = naming_slaves(ctx, r, &n);
	for (size_t i = 0; i < n; i++)
		add(ctx, list, slaves[i]);
	return NULL;
}

struct err *cmd_announce(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *list = json_array();
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct err *e = ask_check(ctx, "announce");

	if (!e && ctx->options.dry_run)
		e = err_hint(
			err_new(ERR_UNSUPPORTED, "announce does not support --dry-run"),
			"it changes nothing on this host: it only sends packets");
	for (size_t i = 0; i < call->n_args && !e; i++)
		e = add_named(ctx, list, call->args[i]);
	if (e)
		return e;
	e = ask_daemon(ctx, "ipvl_announce", STEAL(list),
		       "announce needs an ipvld of this version", &result);
	if (e)
		return e;
	if (!json_get_integer(json_member(result, "addresses")))
		fprintf(ctx->warnings,
			"nothing to announce: ipvl manages no address of %s\n",
			call->n_args == 1 ? call->args[0] : "these slaves");
	return NULL;
}
