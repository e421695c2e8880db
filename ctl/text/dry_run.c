/* Asks the daemon for the plan of a transaction, and prints it beside the diff. A
 * server without this method is not an error: then only the diff is printed. */
#include "ctl/text/dry_run.h"

#include "ctl/text/describe.h"
#include "ctl/output/layout.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* The indent of messages below an object's line. */
#define NOTE_INDENT 5

static const char *member(const struct context *ctx, const struct json_object *o,
			  const char *name)
{
	const struct json_object *v =
		json_kind(o) == JSON_OBJECT ? json_member(o, name) : NULL;

	return json_kind(v) == JSON_STRING ? arena_strdup(ctx->arena, json_get_string(v))
					   : "";
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

static void read_warnings(const struct context *ctx, struct dry_run *f,
			  const struct json_object *json)
{
	const struct json_object *warnings = list(json, "warnings", &f->n_warnings);

	f->warnings = arena_array(ctx->arena, f->n_warnings + 1, sizeof(*f->warnings));
	for (size_t i = 0; i < f->n_warnings; i++) {
		const struct json_object *o = json_at(warnings, i);

		f->warnings[i] = (struct dry_run_warning){
			.object = member(ctx, o, "object"),
			.text = member(ctx, o, "warning"),
		};
	}
}

static struct dry_run *read_plan(const struct context *ctx,
				 const struct json_object *json)
{
	struct dry_run *f = arena_alloc(ctx->arena, sizeof(*f));
	const struct json_object *steps = list(json, "steps", &f->n_steps);
	const struct json_object *outcomes = list(json, "outcomes", &f->n_outcomes);

	f->steps = arena_array(ctx->arena, f->n_steps + 1, sizeof(*f->steps));
	f->outcomes = arena_array(ctx->arena, f->n_outcomes + 1, sizeof(*f->outcomes));
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct json_object *o = json_at(steps, i);
		const struct json_object *disruptive =
			json_kind(o) == JSON_OBJECT ? json_member(o, "disruptive") : NULL;

		f->steps[i] = (struct dry_run_step){
			.object = member(ctx, o, "object"),
			.text = member(ctx, o, "text"),
			.is_disruptive = json_kind(disruptive) == JSON_BOOLEAN &&
					 json_get_boolean(disruptive),
		};
	}
	for (size_t i = 0; i < f->n_outcomes; i++) {
		const struct json_object *o = json_at(outcomes, i);

		f->outcomes[i] = (struct dry_run_outcome){
			.object = member(ctx, o, "object"),
			.state = member(ctx, o, "state"),
			.message = member(ctx, o, "message"),
		};
	}
	read_warnings(ctx, f, json);
	return f;
}

struct err *dry_run_ask(struct context *ctx, struct dry_run **ret_dry_run)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct json_object *params;
	struct err *e;

	*ret_dry_run = NULL;
	if (txn_is_empty(ctx->txn))
		return NULL;
	if (!ctx->replica)
		return db_commit_check(ctx->txn);
	e = context_check_connection(ctx);
	if (e)
		return e;
	params = json_pair(json_string(db_name(ctx->db)), txn_to_operations(ctx->txn));
	e = client_call(replica_client(ctx->replica), "ipvl_plan", params,
			context_left_ms(ctx), &result);
	if (e && e->code == ERR_UNKNOWN_METHOD) {
		err_free(e);
		return NULL;
	}
	if (!e)
		*ret_dry_run = read_plan(ctx, result);
	return e;
}

/* What the plan adds to an object's line. */
struct shown {
	const char *effect;
	bool is_disruptive;
	const struct dry_run_outcome *outcome;
};

/* "+ add address …" as "add address …". */
static const char *without_sign(const char *text)
{
	return strlen(text) > 2 ? text + 2 : text;
}

static const char *disruptive_reason(const struct context *ctx, const struct dry_run *f,
				     const char *object)
{
	const char *all = "";

	for (size_t i = 0; i < f->n_steps; i++) {
		const struct dry_run_step *s = &f->steps[i];

		if (s->is_disruptive && !strcmp(s->object, object))
			all = describe_join(ctx->arena, all, without_sign(s->text));
	}
	return all;
}

static const struct dry_run_outcome *outcome_of(const struct dry_run *f,
						const char *object)
{
	for (size_t i = 0; f && i < f->n_outcomes; i++) {
		if (!strcmp(f->outcomes[i].object, object))
			return &f->outcomes[i];
	}
	return NULL;
}

static struct shown show_object(const struct context *ctx, const struct diff_object *o,
				const struct dry_run *f)
{
	struct shown s = {.effect = ""};
	const char *reason;

	/* Only the daemon can see whether traffic flows. */
	if (!f)
		return s;
	s.outcome = o->edit.kind == EDIT_REMOVED ? NULL : outcome_of(f, o->edit.object);
	reason = disruptive_reason(ctx, f, o->edit.object);
	if (*o->loss)
		reason = o->loss;
	if (o->edit.kind == EDIT_ADDED || (o->edit.kind == EDIT_REMOVED && !o->is_slave))
		return s;
	/* An object that will not be ready has no traffic. */
	if (s.outcome)
		return s;
	s.is_disruptive = *reason;
	if (s.is_disruptive)
		s.effect = arena_printf(ctx->arena, "disruptive: %s", reason);
	else
		s.effect = *o->effect ? arena_printf(ctx->arena, "hitless: %s", o->effect)
				      : "hitless";
	return s;
}

static void print_outcome(struct layout *l, const struct context *ctx,
			  const struct dry_run_outcome *o)
{
	/* Not "will be waiting: waiting for eno2". */
	bool is_twice = *o->state && !strncmp(o->message, o->state, strlen(o->state));

	if (is_twice) {
		layout_note(l, NOTE_INDENT,
			    describe_state_style(state_from_name(o->state)),
			    arena_printf(ctx->arena, "will be %s", o->message));
		return;
	}
	layout_note(l, NOTE_INDENT, describe_state_style(state_from_name(o->state)),
		    arena_printf(ctx->arena, "will be %s%s%s",
				 describe_state(state_from_name(o->state)),
				 *o->message ? ": " : "", o->message));
}

/* True if the master has the same outcome: it is not repeated for each slave. */
static bool is_of_master(const struct dry_run *f, const struct dry_run_outcome *o,
			 const char *master)
{
	const struct dry_run_outcome *its = *master ? outcome_of(f, master) : NULL;

	return its && !strcmp(its->state, o->state) && !strcmp(its->message, o->message);
}

static bool is_among(const struct diff *changes, const char *object)
{
	for (size_t i = 0; i < changes->n; i++) {
		if (!strcmp(changes->objects[i].edit.object, object))
			return true;
	}
	return false;
}

static bool has_warning(const struct dry_run *f, const char *object, const char *text)
{
	for (size_t i = 0; i < f->n_warnings; i++) {
		if (!strcmp(f->warnings[i].object, object) &&
		    !strcmp(f->warnings[i].text, text))
			return true;
	}
	return false;
}

/* Prints the warnings of a changed object, apart from those of its master. */
static void print_warnings(struct layout *l, const struct context *ctx,
			   const struct dry_run *f, const char *object,
			   const char *master)
{
	for (size_t i = 0; f && i < f->n_warnings; i++) {
		const struct dry_run_warning *w = &f->warnings[i];

		if (strcmp(w->object, object) != 0 ||
		    (*master && has_warning(f, master, w->text)))
			continue;
		layout_note(l, NOTE_INDENT, STYLE_WARNING,
			    arena_printf(ctx->arena, "warning: %s", w->text));
	}
}

/* True if an earlier object has the same message. */
static bool is_repeated(const struct dry_run *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (!strcmp(f->outcomes[k].message, f->outcomes[i].message))
			return true;
	}
	return false;
}

static bool is_repeated_warning(const struct dry_run *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (!strcmp(f->warnings[k].text, f->warnings[i].text))
			return true;
	}
	return false;
}

/* Prints what happens to objects whose rows do not change. */
static void print_rest(struct layout *l, const struct context *ctx,
		       const struct diff *changes, const struct dry_run *f)
{
	for (size_t i = 0; f && i < f->n_outcomes; i++) {
		if (is_among(changes, f->outcomes[i].object) || is_repeated(f, i))
			continue;
		layout_row(l);
		layout_cell(l, STYLE_PLAIN,
			    arena_printf(ctx->arena, "  %s", f->outcomes[i].object));
		print_outcome(l, ctx, &f->outcomes[i]);
	}
	for (size_t i = 0; f && i < f->n_warnings; i++) {
		const struct dry_run_warning *w = &f->warnings[i];

		if (is_among(changes, w->object) || is_repeated_warning(f, i))
			continue;
		layout_note(l, 0, STYLE_PLAIN,
			    arena_printf(ctx->arena, "  %s", w->object));
		layout_note(l, NOTE_INDENT, STYLE_WARNING,
			    arena_printf(ctx->arena, "warning: %s", w->text));
	}
}

static void print_lines(const struct context *ctx, const struct diff *changes,
			const struct dry_run *f, FILE *out)
{
	struct layout *l = context_layout(ctx, 0, 3);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_WRAP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < changes->n; i++) {
		const struct diff_object *o = &changes->objects[i];
		struct shown s = show_object(ctx, o, f);

		layout_row(l);
		layout_cell(l, edit_style(&o->edit),
			    arena_printf(ctx->arena, "%s %s", edit_sign(&o->edit),
					 o->edit.object));
		layout_cell(l, STYLE_PLAIN, o->edit.what);
		layout_cell(l, s.is_disruptive ? STYLE_WARNING : STYLE_FAINT, s.effect);
		if (s.outcome && !is_of_master(f, s.outcome, o->master))
			print_outcome(l, ctx, s.outcome);
		if (o->edit.kind != EDIT_REMOVED)
			print_warnings(l, ctx, f, o->edit.object, o->master);
	}
	print_rest(l, ctx, changes, f);
	for (size_t i = 0; i < changes->n_others; i++)
		layout_note(l, 0, STYLE_PLAIN,
			    edit_text(ctx->arena, &changes->others[i]));
	layout_print(l, out, ctx->colour);
	layout_free(l);
}

static const char *warnings_text(const struct context *ctx, const struct dry_run *f,
				 const char *object)
{
	const char *all = "";

	for (size_t i = 0; f && i < f->n_warnings; i++) {
		if (!strcmp(f->warnings[i].object, object))
			all = arena_printf(ctx->arena, "%s%s%s", all, *all ? "; " : "",
					   f->warnings[i].text);
	}
	return all;
}

static void print_records(const struct context *ctx, const struct diff *changes,
			  const struct dry_run *f, FILE *out)
{
	static const char *const headings[] = {"change", "object", "master",  "what",
					       "effect", "state",  "message", "warnings"};
	struct writer *w = writer_new(ctx->options.format, out, ctx->colour, headings,
				      ARRAY_SIZE(headings));

	writer_limit(w, ctx->width);
	for (size_t i = 0; i < changes->n; i++) {
		const struct diff_object *o = &changes->objects[i];
		struct shown s = show_object(ctx, o, f);

		writer_text(w, edit_style(&o->edit), edit_sign(&o->edit));
		writer_text(w, STYLE_STRONG, o->edit.object);
		writer_text(w, STYLE_PLAIN, o->master);
		writer_text(w, STYLE_PLAIN, o->edit.what);
		writer_text(w, STYLE_PLAIN, s.effect);
		writer_text(w, STYLE_PLAIN,
			    s.outcome ? s.outcome->state
			    : !f || o->edit.kind == EDIT_REMOVED
				    ? ""
				    : state_name(STATE_READY));
		writer_text(w, STYLE_PLAIN, s.outcome ? s.outcome->message : "");
		writer_text(w, STYLE_WARNING,
			    o->edit.kind == EDIT_REMOVED
				    ? ""
				    : warnings_text(ctx, f, o->edit.object));
	}
	for (size_t i = 0; i < changes->n_others; i++) {
		const char *cells[] = {edit_sign(&changes->others[i]),
				       changes->others[i].object,
				       "",
				       changes->others[i].what,
				       "",
				       "",
				       "",
				       ""};

		for (size_t k = 0; k < ARRAY_SIZE(cells); k++)
			writer_text(w, STYLE_PLAIN, cells[k]);
	}
	writer_finish(w);
}

void dry_run_print(const struct context *ctx, const struct diff *changes,
		   const struct dry_run *f, FILE *out)
{
	if (ctx->options.format == FORMAT_DEFAULT)
		print_lines(ctx, changes, f, out);
	else
		print_records(ctx, changes, f, out);
}
