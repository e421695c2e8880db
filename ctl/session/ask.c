/* What commands do that need the daemon itself, not only its database. */
#include "ctl/session/ask.h"

#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/json/json.h"

struct err *ask_check(const struct context *ctx, const char *command)
{
	struct err *e = context_check_connection(ctx);

	if (e || ctx->replica)
		return e;
	return err_hint(err_new(ERR_UNSUPPORTED,
				"%s is a database file, and %s needs a running daemon",
				ctx->options.db, command),
			"start ipvld, and leave out --db");
}

static struct err *ask(const struct context *ctx, const char *method,
		       struct json_object *argument, const char *hint,
		       enum json_kind kind, struct json_object **ret_result)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct json_object *params = json_array();
	struct err *e;

	json_add(params, json_string(db_name(ctx->db)));
	if (argument)
		json_add(params, argument);
	e = client_call(replica_client(ctx->replica), method, params,
			context_left_ms(ctx), &result);
	if (!e && json_kind(result) != kind)
		return err_new(ERR_PROTOCOL, "%s: %s sent a reply of another kind",
			       method, ctx->options.db);
	if (!e)
		*ret_result = STEAL(result);
	if (!e || e->code != ERR_UNKNOWN_METHOD)
		return e;
	err_free(e);
	return err_hint(err_new(ERR_UNSUPPORTED, "the server at %s has no method %s",
				ctx->options.db, method),
			"%s", hint);
}

struct err *ask_daemon(const struct context *ctx, const char *method,
		       struct json_object *argument, const char *hint,
		       struct json_object **ret_result)
{
	return ask(ctx, method, argument, hint, JSON_OBJECT, ret_result);
}

struct err *ask_daemon_list(const struct context *ctx, const char *method,
			    const char *hint, struct json_object **ret_list)
{
	return ask(ctx, method, NULL, hint, JSON_ARRAY, ret_list);
}
