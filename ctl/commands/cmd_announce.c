/* The command `announce`: has ipvld announce addresses of slaves again. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
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
	struct err *e = naming_find_master(ctx, name, &r);
	size_t n;

	if (!e) {
		slaves = naming_slaves(ctx, r, &n);
		for (size_t i = 0; i < n; i++)
			add(ctx, list, slaves[i]);
		return NULL;
	}
	if (e->code != ERR_NOT_FOUND)
		return e;
	err_free(e);
	e = naming_find_slave(ctx, name, &r, NULL);
	if (!e)
		add(ctx, list, r);
	return e;
}

static struct err *ask(struct context *ctx, struct json_object *list,
		       struct json_object **ret_result)
{
	struct json_object *params = json_array();
	struct err *e;

	json_add(params, json_string(db_name(ctx->db)));
	json_add(params, list);
	e = client_call(replica_client(ctx->replica), "ipvl_announce", params,
			context_left_ms(ctx), ret_result);
	if (!e || e->code != ERR_UNKNOWN_METHOD)
		return e;
	err_free(e);
	return err_new(ERR_UNSUPPORTED, "the server at %s is not ipvld, or an older one",
		       ctx->options.db);
}

static struct err *check_daemon(const struct context *ctx)
{
	if (ctx->replica)
		return context_check_connection(ctx);
	return err_hint(err_new(ERR_UNSUPPORTED,
				"%s is a database file, and announce needs a running "
				"daemon",
				ctx->options.db),
			"start ipvld, or connect to it with --db");
}

struct err *cmd_announce(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *list = json_array();
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct err *e = check_daemon(ctx);

	if (!e && ctx->options.dry_run)
		e = err_new(ERR_UNSUPPORTED, "announce does not support --dry-run");
	for (size_t i = 0; i < call->n_args && !e; i++)
		e = add_named(ctx, list, call->args[i]);
	if (e)
		return e;
	e = ask(ctx, STEAL(list), &result);
	if (e)
		return e;
	if (!json_get_integer(json_member(result, "addresses")))
		fprintf(ctx->warnings,
			"nothing to announce: ipvl manages no address of %s\n",
			call->n_args == 1 ? call->args[0] : "these slaves");
	return NULL;
}
