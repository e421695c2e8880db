/* Asks the daemon for the plan of a transaction. A server without this method is not an
 * error: then nothing is foreseen. */
#include "ctl/text/dry_run.h"

#include "ctl/text/describe.h"
#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

static const char *member(const struct context *ctx, const struct json_object *o,
			  const char *name)
{
	return arena_strdup(ctx->arena, json_member_text(o, name));
}

static const struct json_object *list(const struct json_object *o, const char *name,
				      size_t *ret_n)
{
	const struct json_object *v =
		json_kind(o) == JSON_OBJECT ? json_member(o, name) : NULL;
	bool is_array = json_kind(v) == JSON_ARRAY;

	*ret_n = is_array ? json_get_length(v) : 0;
	return v;
}

static void read_row(const struct context *ctx, const struct json_object *o,
		     struct dry_run_row *row)
{
	const struct json_object *warnings = list(o, "warnings", &row->n_warnings);

	row->object = member(ctx, o, "object");
	row->state = member(ctx, o, "state");
	row->message = member(ctx, o, "message");
	row->is_well =
		!strcmp(row->state, "removed") ||
		state_is_well(state_from_name(row->state)) ||
		(state_from_name(row->state) == STATE_DRIFTED &&
		 !strcmp(member(ctx, o, "drift"), model_drift_name(MODEL_DRIFT_IGNORE)));
	row->warnings =
		arena_array(ctx->arena, row->n_warnings + 1, sizeof(*row->warnings));
	for (size_t i = 0; i < row->n_warnings; i++) {
		const struct json_object *text = json_at(warnings, i);

		row->warnings[i] =
			json_kind(text) == JSON_STRING
				? arena_strdup(ctx->arena, json_get_string(text))
				: "";
	}
}

static struct dry_run *read_plan(const struct context *ctx,
				 const struct json_object *json)
{
	struct dry_run *f = arena_alloc(ctx->arena, sizeof(*f));
	const struct json_object *steps = list(json, "steps", &f->n_steps);
	const struct json_object *rows = list(json, "rows", &f->n_rows);

	f->steps = arena_array(ctx->arena, f->n_steps + 1, sizeof(*f->steps));
	f->rows = arena_array(ctx->arena, f->n_rows + 1, sizeof(*f->rows));
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct json_object *o = json_at(steps, i);

		f->steps[i] = (struct dry_run_step){
			.object = member(ctx, o, "object"),
			.text = member(ctx, o, "text"),
			.loss = member(ctx, o, "loss"),
		};
	}
	for (size_t i = 0; i < f->n_rows; i++)
		read_row(ctx, json_at(rows, i), &f->rows[i]);
	return f;
}

#define CONDITIONS "ipvl_require"

bool dry_run_has_conditions(const struct context *ctx)
{
	return ctx->options.strict || ctx->options.no_disrupt || ctx->must_transfer;
}

struct json_object *dry_run_conditions(const struct context *ctx)
{
	struct json_object *o = json_object();

	json_put(o, "op", json_string(CONDITIONS));
	json_put(o, "strict", json_boolean(ctx->options.strict));
	json_put(o, "no_disrupt", json_boolean(ctx->options.no_disrupt));
	/* An ipvld of an earlier version has no such member. */
	if (ctx->must_transfer)
		json_put(o, "transfer", json_boolean(true));
	return o;
}

static struct err *no_preview(const struct context *ctx)
{
	const char *name = ctx->options.strict ? "--strict" : "--no-disrupt";

	if (!ctx->options.strict && !ctx->options.no_disrupt)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"adopt and release need an ipvld that can preview "
				"a change"),
			"use a running ipvld of this version");
	return err_hint(err_new(ERR_UNSUPPORTED,
				"%s needs an ipvld that can preview a change", name),
			"leave out %s where no daemon runs", name);
}

struct err *dry_run_check_file(const struct context *ctx)
{
	return dry_run_has_conditions(ctx) ? no_preview(ctx) : NULL;
}

struct err *dry_run_explain(const struct context *ctx, struct err *e)
{
	if (!e || !dry_run_has_conditions(ctx) || e->code != ERR_SYNTAX ||
	    !strstr(e->message, "No operation ") || !strstr(e->message, CONDITIONS))
		return e;
	err_free(e);
	return no_preview(ctx);
}

struct err *dry_run_ask(struct context *ctx, struct dry_run **ret_dry_run)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct json_object *params, *operations;
	struct err *e;

	*ret_dry_run = NULL;
	if (txn_is_empty(ctx->txn))
		return NULL;
	if (!ctx->replica) {
		e = dry_run_check_file(ctx);
		return e ? e : db_commit_check(ctx->txn);
	}
	e = context_check_connection(ctx);
	if (e)
		return e;
	operations = txn_to_operations(ctx->txn);
	if (dry_run_has_conditions(ctx))
		json_add(operations, dry_run_conditions(ctx));
	params = json_pair(json_string(db_name(ctx->db)), operations);
	e = client_call(replica_client(ctx->replica), "ipvl_plan", params,
			context_left_ms(ctx), &result);
	if (e && e->code == ERR_UNKNOWN_METHOD) {
		err_free(e);
		return dry_run_check_file(ctx);
	}
	if (!e)
		*ret_dry_run = read_plan(ctx, result);
	return dry_run_explain(ctx, e);
}

/* Not "waiting: waiting for eno2". */
const char *dry_run_outcome(struct arena *a, const struct dry_run_row *row)
{
	bool is_twice =
		*row->state && !strncmp(row->message, row->state, strlen(row->state));

	if (is_twice)
		return arena_strdup(a, row->message);
	return arena_printf(a, "%s%s%s", describe_state(state_from_name(row->state)),
			    *row->message ? ": " : "", row->message);
}

const char *dry_run_effect(struct arena *a, const struct dry_run_step *s)
{
	return *s->loss ? arena_printf(a, "disruptive: %s", s->loss) : "hitless";
}
