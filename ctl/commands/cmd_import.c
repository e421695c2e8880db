/* import: what the kernel has, as the daemon writes it in YAML. */
#include "ctl/commands/cmd.h"
#include "ctl/session/ask.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>

struct err *cmd_import(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	int64_t n_left_out;
	struct json_object *options;
	struct err *e = ask_check(ctx, "import");

	if (e)
		return e;
	options = json_object();
	json_put(options, "foreign", json_boolean(call->options & OPTION_FOREIGN));
	e = ask_daemon(ctx, "ipvl_import", options,
		       "import needs an ipvld of this version", &result);
	if (e)
		return e;
	fputs(json_get_string(json_member(result, "yaml")), ctx->out);
	n_left_out = json_get_integer(json_member(result, "left_out"));
	if (n_left_out)
		fprintf(ctx->warnings, "%" PRId64 " thing%s left out: see the comments\n",
			n_left_out, n_left_out == 1 ? " is" : "s are");
	return NULL;
}
