/* Describes the change that is on trial, for `show` and `status`: a line, or JSON. */
#include "ctl/text/on_trial.h"

#include "config/trial.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

void on_trial_note(const struct context *ctx)
{
	const struct row *trial = trial_find(&ctx->columns, NULL);
	CLEANUP(freep) char *text = trial ? trial_text(&ctx->columns, trial) : NULL;

	if (trial)
		context_note(ctx, STYLE_WARNING,
			     arena_printf(ctx->arena,
					  "%s: `ipvl-ctl confirm` keeps it, `ipvl-ctl "
					  "cancel` goes back",
					  text));
}

struct json_object *on_trial_json(const struct context *ctx)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *trial = trial_find(c, NULL);
	struct json_object *json = trial ? json_object() : NULL;

	if (!trial)
		return json_null();
	json_put(json, "transaction",
		 json_integer(datum_integer(row_get(trial, c->trial.serial), 0)));
	json_put(json, "who", json_string(datum_text(row_get(trial, c->trial.who))));
	json_put(json, "seconds_left",
		 json_integer((trial_left_ms(c, trial) + 999) / 1000));
	return json;
}
