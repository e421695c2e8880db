/* Counts states for `status`, and prints the counts as a tree. cmd_status.c prints
 * them for people. */
#include "ctl/text/summary.h"

#include "ctl/session/naming.h"
#include "ctl/text/describe.h"
#include "ctl/text/on_trial.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

enum row_state summary_state_at(size_t i)
{
	return i + 1 < N_STATES ? (enum row_state)(i + 1) : STATE_UNKNOWN;
}

const char *summary_state_name(enum row_state state)
{
	return state == STATE_UNKNOWN ? "unknown" : state_name(state);
}

struct problems {
	struct summary *summary;
	size_t cap, warnings_cap;
};

static void add_problem(const struct context *ctx, struct problems *p,
			const struct row *r, enum row_state state, const char *message)
{
	struct summary *s = p->summary;

	s->problems = arena_grow(ctx->arena, s->problems, s->n_problems, &p->cap,
				 sizeof(*s->problems));
	s->problems[s->n_problems++] = (struct summary_problem){
		.label = naming_label(ctx, r), .state = state, .message = message};
}

static void add_warning(const struct context *ctx, struct problems *p,
			const struct row *r, const struct row *master,
			const union atom *text)
{
	struct summary *s = p->summary;
	const struct datum *its =
		master ? txn_get(ctx->txn, master, ctx->columns.master.warnings) : NULL;

	s->warnings = arena_grow(ctx->arena, s->warnings, s->n_warnings, &p->warnings_cap,
				 sizeof(*s->warnings));
	s->warnings[s->n_warnings++] = (struct summary_warning){
		.label = naming_label(ctx, r),
		.text = text->string,
		.is_of_master = its && datum_find(its, text, ATOM_STRING) >= 0,
	};
}

static void count(const struct context *ctx, struct problems *p,
		  struct summary_counts *counts, const struct row *r,
		  const struct row *master)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_master = !master;
	enum row_state state = state_from_name(
		context_text(ctx, r, is_master ? c->master.state : c->slave.state));
	const struct datum *warnings =
		txn_get(ctx->txn, r, is_master ? c->master.warnings : c->slave.warnings);

	counts->n++;
	counts->by_state[state]++;
	counts->n_warned += warnings->n > 0;
	if (state != STATE_UNKNOWN && state != STATE_READY && state != STATE_DISABLED &&
	    !(state == STATE_DRIFTED && describe_is_ignored(&ctx->columns, r)))
		add_problem(
			ctx, p, r, state,
			context_text(ctx, r,
				     is_master ? c->master.message : c->slave.message));
	for (uint32_t i = 0; i < warnings->n; i++)
		add_warning(ctx, p, r, master, &datum_keys(warnings)[i]);
}

static void count_and_advise(const struct context *ctx, struct problems *p,
			     struct summary_counts *counts, const struct row *r,
			     const struct row *master)
{
	struct summary *s = p->summary;
	size_t n_problems = s->n_problems, n_warnings = s->n_warnings;

	count(ctx, p, counts, r, master);
	/* The warnings say what to do; `why` adds who edited the row last, and its
	 * drift. */
	if (s->n_problems > n_problems)
		advice_add(ctx, &s->next, advice_on_row(ctx, r));
	else if (s->n_warnings > n_warnings)
		advice_add(ctx, &s->next,
			   (struct advice){
				   .command = arena_printf(ctx->arena, "ipvl-ctl why %s",
							   naming_label(ctx, r)),
				   .text = "shows its last edit, and drift",
			   });
}

static void count_all(const struct context *ctx, struct summary *s)
{
	struct problems p = {.summary = s};
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		count_and_advise(ctx, &p, &s->masters, masters[i], NULL);
		for (size_t k = 0; k < n_slaves; k++)
			count_and_advise(ctx, &p, &s->slaves, slaves[k], masters[i]);
	}
}

/* About the whole of it. */
static void advise(const struct context *ctx, struct summary *s)
{
	if (ctx->file)
		advice_add(ctx, &s->next,
			   (struct advice){.command = "systemctl start ipvld",
					   .text = "applies what the file declares"});
	else if (s->cur_cfg < s->next_cfg)
		advice_add(ctx, &s->next,
			   (struct advice){.command = "ipvl-ctl watch",
					   .text = "shows how far ipvld is"});
	for (uint32_t i = 0; s->config_errors && i < s->config_errors->n; i++)
		advice_add_file(ctx, &s->next, datum_keys(s->config_errors)[i].string);
}

static void advise_on_nothing(const struct context *ctx, struct summary *s)
{
	advice_add(ctx, &s->next,
		   (struct advice){.command = "ipvl-ctl add-master NAME",
				   .text = "adds a device as a master"});
	advice_add(ctx, &s->next,
		   (struct advice){.command = "ipvl-ctl apply -f FILE",
				   .text = "adds what a file declares"});
}

struct summary summary_make(const struct context *ctx)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *host = rows_find_host(c, ctx->txn, NULL);
	struct summary s = {.version = "", .kernel = ""};

	if (host) {
		s.version = context_text(ctx, host, c->host.version);
		s.kernel = context_text(ctx, host, c->host.kernel);
		s.next_cfg = datum_integer(txn_get(ctx->txn, host, c->host.next_cfg), 0);
		s.cur_cfg = datum_integer(txn_get(ctx->txn, host, c->host.cur_cfg), 0);
		s.config_errors = txn_get(ctx->txn, host, c->host.config_errors);
	}
	advise(ctx, &s);
	count_all(ctx, &s);
	if (!s.masters.n)
		advise_on_nothing(ctx, &s);
	return s;
}

static struct json_object *next_json(const struct summary *s)
{
	struct json_object *all = json_array();

	for (size_t i = 0; i < s->next.n; i++) {
		struct json_object *json = json_object();

		json_put(json, "command", json_string(s->next.all[i].command));
		json_put(json, "text", json_string(s->next.all[i].text));
		json_add(all, json);
	}
	return all;
}

static struct json_object *counts_json(const struct summary_counts *c)
{
	struct json_object *json = json_object();

	json_put(json, "total", json_integer((int64_t)c->n));
	for (size_t i = 0; i < N_STATES; i++) {
		enum row_state state = summary_state_at(i);

		json_put(json, summary_state_name(state),
			 json_integer((int64_t)c->by_state[state]));
	}
	json_put(json, "with_warnings", json_integer((int64_t)c->n_warned));
	return json;
}

static struct json_object *problems_json(const struct summary *s)
{
	struct json_object *all = json_array();

	for (size_t i = 0; i < s->n_problems; i++) {
		struct json_object *json = json_object();

		json_put(json, "object", json_string(s->problems[i].label));
		json_put(json, "state", json_string(state_name(s->problems[i].state)));
		json_put(json, "message", json_string(s->problems[i].message));
		json_add(all, json);
	}
	return all;
}

static struct json_object *warnings_json(const struct summary *s)
{
	struct json_object *all = json_array();

	for (size_t i = 0; i < s->n_warnings; i++) {
		struct json_object *json = json_object();

		json_put(json, "object", json_string(s->warnings[i].label));
		json_put(json, "warning", json_string(s->warnings[i].text));
		json_add(all, json);
	}
	return all;
}

void summary_print_tree(const struct context *ctx, const struct summary *s)
{
	CLEANUP(json_freep) struct json_object *json = json_object();
	struct json_object *errors = json_array();

	for (uint32_t i = 0; s->config_errors && i < s->config_errors->n; i++)
		json_add(errors, json_string(datum_keys(s->config_errors)[i].string));
	json_put(json, "version", json_string(s->version));
	json_put(json, "kernel", json_string(s->kernel));
	json_put(json, "next_cfg", json_integer(s->next_cfg));
	json_put(json, "cur_cfg", json_integer(s->cur_cfg));
	json_put(json, "masters", counts_json(&s->masters));
	json_put(json, "slaves", counts_json(&s->slaves));
	json_put(json, "problems", problems_json(s));
	json_put(json, "warnings", warnings_json(s));
	json_put(json, "config_errors", errors);
	json_put(json, "next", next_json(s));
	json_put(json, "trial", on_trial_json(ctx));
	writer_print_tree(ctx->out, ctx->options.format, json);
}
