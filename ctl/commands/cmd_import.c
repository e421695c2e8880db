/* import: what the kernel has, as the daemon writes it in YAML. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>

static struct err *ask_import(const struct context *ctx, bool foreign_only,
			      struct json_object **ret_result)
{
	struct json_object *params = json_array(), *options = json_object();
	struct err *e;

	json_put(options, "foreign", json_boolean(foreign_only));
	json_add(params, json_string(db_name(ctx->db)));
	json_add(params, options);
	e = client_call(replica_client(ctx->replica), "ipvl_import", params,
			context_left_ms(ctx), ret_result);
	if (!e || e->code != ERR_UNKNOWN_METHOD)
		return e;
	err_free(e);
	return err_hint(err_new(ERR_UNSUPPORTED,
				"the server at %s cannot list the devices of its kernel",
				ctx->options.db),
			"import needs an ipvld of this version");
}

struct err *cmd_import(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	int64_t n_left_out;
	struct err *e = context_check_connection(ctx);

	if (!e && !ctx->replica)
		e = err_hint(err_new(ERR_UNSUPPORTED,
				     "%s is a database file, and import needs a running "
				     "daemon, which reads the kernel",
				     ctx->options.db),
			     "start ipvld, and leave out --db");
	if (!e)
		e = ask_import(ctx, call->options & OPTION_FOREIGN, &result);
	if (e)
		return e;
	fputs(json_get_string(json_member(result, "yaml")), ctx->out);
	n_left_out = json_get_integer(json_member(result, "left_out"));
	if (n_left_out)
		fprintf(ctx->warnings, "%" PRId64 " thing%s left out: see the comments\n",
			n_left_out, n_left_out == 1 ? " is" : "s are");
	return NULL;
}
