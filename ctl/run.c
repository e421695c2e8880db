/* Runs a line, from its first command to its exit status. All commands share one
 * transaction. If another client changed its rows before the commit, the whole line is
 * run again on the new rows. */
#include "ctl/run.h"

#include "ctl/follow.h"
#include "ctl/prompt.h"
#include "ctl/run_error.h"
#include "ctl/commands/cmd.h"
#include "ctl/output/screen.h"
#include "ctl/session/ask.h"
#include "ctl/text/diff.h"
#include "ctl/session/naming.h"
#include "ctl/text/declared.h"
#include "ctl/text/describe.h"
#include "ctl/text/dry_run.h"
#include "ctl/text/wait.h"
#include "config/pool/lease.h"
#include "config/trial.h"
#include "ctl/session/scope.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/exec/rbac.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Other clients write a few times a second at most, so that so many conflicts in a row
 * are an error. */
#define ATTEMPTS_MAX 10
/* Of clients that choose from one pool at the same time, each attempt serves many. */
#define LEASE_ATTEMPTS_MAX 100U

struct run {
	struct context ctx;
	const struct line *line;
	bool may_write, is_dry;
	int64_t next_cfg; /* of Host, to wait for; 0: none */
	bool is_unknown;  /* the connection was lost during the commit */
	char **ret_failure;
	bool is_on_trial; /* what was changed */
};

static struct err *run_calls(struct run *r)
{
	struct err *e = NULL;

	for (size_t i = 0; i < r->line->n_calls && !e && !r->ctx.must_wait; i++)
		e = r->line->calls[i].command->run(&r->ctx, &r->line->calls[i]);
	return e;
}

static struct err *commit_to_daemon(struct run *r)
{
	struct context *ctx = &r->ctx;
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);
	bool is_config = host && rows_changes_config(&ctx->columns, ctx->txn);
	bool is_new_host = host && !table_find(ctx->columns.host.table, row_uuid(host));
	struct json_object *extra;
	struct err *e;

	if (is_config && is_new_host)
		r->next_cfg = rows_bump_next_cfg(&ctx->columns, ctx->txn, host);
	extra = is_config && !is_new_host ? rows_bump_operations(host) : json_array();
	if (dry_run_has_conditions(ctx))
		json_add(extra, dry_run_conditions(ctx));
	e = replica_commit(ctx->replica, ctx->txn, extra, context_left_ms(ctx), &results);
	r->is_unknown = e && (e->code == ERR_BUSY || e->code == ERR_CLOSED);
	if (!e && is_config && !is_new_host)
		r->next_cfg = rows_bumped(results);
	return dry_run_explain(ctx, e);
}

static struct err *commit_to_file(struct run *r)
{
	struct context *ctx = &r->ctx;
	struct err *e = dry_run_check_file(ctx);

	if (e)
		return e;
	if (rows_changes_config(&ctx->columns, ctx->txn))
		rows_bump_next_cfg(&ctx->columns, ctx->txn,
				   rows_ensure_host(&ctx->columns, ctx->txn, NULL));
	e = db_commit(ctx->txn);
	return e ? e : db_sync(ctx->db);
}

/* The rows to report after the commit: those that are added or changed. */
static void note_concerns(struct context *ctx, const struct diff *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		if (changes->objects[i].edit.kind != EDIT_REMOVED)
			context_concern(ctx, changes->objects[i].row);
	}
}

static struct err *show_changes(struct run *r, const struct diff *changes)
{
	struct dry_run *f;
	struct err *e = dry_run_ask(&r->ctx, &f);

	if (!e && r->line->calls[0].options & OPTION_UNIFIED)
		e = dry_run_print_unified(&r->ctx, changes, f, r->ctx.out);
	else if (!e)
		dry_run_print(&r->ctx, changes, f, r->ctx.out);
	if (e)
		return e;
	if (!f && changes->n)
		fputs("this preview shows the rows only: the steps need a running "
		      "ipvld\n",
		      r->ctx.warnings);
	if (!r->is_dry && !changes->n && !changes->n_others)
		fputs("nothing to change\n", r->ctx.out);
	r->ctx.differs = r->is_dry && (changes->n || changes->n_others);
	return NULL;
}

static struct err *finish_attempt(struct run *r)
{
	struct context *ctx = &r->ctx;
	struct diff *changes = diff_make(ctx);

	if (!ctx->is_apply)
		declared_warn(ctx, changes);
	if (r->is_dry || ctx->options.dry_run)
		return show_changes(r, changes);
	note_concerns(ctx, changes);
	if ((ctx->wants_summary && ctx->options.format) || ctx->wants_diff)
		dry_run_print(ctx, changes, NULL, ctx->out);
	else if (ctx->wants_summary)
		diff_print_summary(changes, ctx->out);
	if (ctx->reloaded_cfg)
		r->next_cfg = ctx->reloaded_cfg;
	if (txn_is_empty(ctx->txn))
		return NULL;
	r->is_on_trial =
		ctx->options.trial_s && rows_changes_config(&ctx->columns, ctx->txn);
	if (r->is_on_trial)
		trial_begin(&ctx->columns, ctx->txn, ctx->options.trial_s);
	return ctx->replica ? commit_to_daemon(r) : commit_to_file(r);
}

/* The server has sent what it committed before it refused the transaction. */
static bool has_lost_a_lease(struct run *r, const struct err *e)
{
	struct context *ctx = &r->ctx;

	return e->code == ERR_CONSTRAINT && ctx->replica && ctx->txn &&
	       lease_is_lost(&ctx->columns, ctx->txn) && context_left_ms(ctx) &&
	       ctx->lease_attempt++ < LEASE_ATTEMPTS_MAX;
}

static struct err *attempt(struct run *r)
{
	struct err *e;

	r->is_on_trial = false;
	context_begin(&r->ctx);
	e = run_calls(r);
	if (!e && r->ctx.must_wait)
		return NULL;
	if (!e && r->may_write)
		e = finish_attempt(r);
	return e;
}

/* Again, with other addresses, while other clients take those that it chose. */
static struct err *attempt_leases(struct run *r)
{
	struct err *e = attempt(r);

	while (e && has_lost_a_lease(r, e)) {
		err_free(e);
		e = attempt(r);
	}
	return e;
}

/* A line with wait-until is run again after each change, until --timeout. */
static struct err *wait_for_more(struct run *r)
{
	struct err *e;

	if (!r->ctx.replica)
		return err_new(
			ERR_TIMED_OUT,
			"%s; a database file cannot change while ipvl-ctl has it open",
			r->ctx.waits_for);
	e = context_wait_change(&r->ctx, r->ctx.options.timeout_ms < 0
						 ? INT64_MAX / 2
						 : r->ctx.deadline_ms);
	if (e && e->code == ERR_TIMED_OUT) {
		err_free(e);
		e = err_new(ERR_TIMED_OUT, "after %" PRId64 " s: %s",
			    r->ctx.options.timeout_ms / 1000, r->ctx.waits_for);
	}
	return e;
}

static struct err *run_attempts(struct run *r)
{
	struct err *e = NULL;

	for (unsigned int n = 1; n <= ATTEMPTS_MAX; n++) {
		err_free(e);
		e = attempt_leases(r);
		while (!e && r->ctx.must_wait) {
			e = wait_for_more(r);
			if (!e)
				e = attempt_leases(r);
		}
		/* replica.h: ERR_TIMED_OUT means that another client changed the rows. */
		if (!e || e->code != ERR_TIMED_OUT || r->ctx.must_wait ||
		    !r->ctx.replica || !context_left_ms(&r->ctx))
			return e;
	}
	return err_hint(
		err_wrap(e, "other clients changed the rows during each of %d attempts",
			 ATTEMPTS_MAX),
		"try again");
}

/* The server names an operation ("update"); the error should name the command that was
 * typed. Takes 'e'. */
static struct err *in_words_of_line(const struct run *r, struct err *e)
{
	const struct command *c = NULL;

	if (e->code != ERR_PERMISSION || !strstr(e->message, RBAC_READ_ONLY))
		return e;
	for (size_t i = 0; i < r->line->n_calls && !c; i++) {
		if (!(r->line->calls[i].command->flags &
		      (COMMAND_READ_ONLY | COMMAND_NO_DB)))
			c = r->line->calls[i].command;
	}
	err_free(e);
	return err_hint(err_new(ERR_PERMISSION,
				"%s changes the database, and this client may only read "
				"it at %s (role read-only)",
				c ? c->name : "this line", r->ctx.options.db),
			"use another remote, or another certificate");
}

/* A refusal of --strict or --no-disrupt has several lines. */
static void make_plain(const struct context *ctx, const struct err *e, char *text)
{
	if (e->code != ERR_CONSTRAINT || !dry_run_has_conditions(ctx)) {
		text_make_plain(text, strlen(text));
		return;
	}
	for (char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		text_make_plain(line, n);
		line += n + (line[n] != '\0');
	}
}

/* What fail() prints, and whether the change is in doubt. */
static void print_failure(const struct run *r, const char *text, FILE *out)
{
	const struct context *ctx = &r->ctx;

	if (ctx->arena && ctx->complaints && *ctx->complaints)
		fputs(ctx->complaints, out);
	else
		fprintf(out, "ipvl-ctl: %s\n", text);
	if (r->is_unknown && r->is_on_trial)
		fprintf(out,
			"lost the connection to ipvld: if the change was applied, it is "
			"taken back within %" PRId64 " s\n",
			ctx->options.trial_s);
	else if (r->is_unknown)
		fputs("lost the connection to ipvld: the change may or may not have been "
		      "applied\n",
		      out);
	else if (r->may_write && !r->is_dry && ctx->db && !ctx->must_wait)
		fputs("nothing was changed\n", out);
}

static char *failure_text(const struct run *r, const char *text)
{
	char *all;
	size_t n;
	FILE *out = open_memstream(&all, &n);

	if (!out)
		abort();
	print_failure(r, text, out);
	fclose(out);
	return all;
}

/* Takes 'e'. */
static int fail(struct run *r, struct err *e)
{
	struct context *ctx = &r->ctx;
	CLEANUP(err_freep)
	struct err *error =
		naming_explain(in_words_of_line(r, run_error_in_plain_words(e)));
	CLEANUP(freep) char *text = err_text(error);

	make_plain(ctx, error, text);
	/* A command that only reads prints what it had before the failure. */
	if (ctx->arena && !r->may_write)
		context_print(ctx);
	if (r->ret_failure)
		*r->ret_failure = failure_text(r, text);
	else
		print_failure(r, text, stderr);
	return 1;
}

static int conclude(struct run *r)
{
	struct context *ctx = &r->ctx;
	bool ok = true;

	context_print(ctx);
	/* A dry run changes no rows: its status is 0 or 2, by the difference alone. */
	if (ctx->replica && (r->next_cfg || ctx->n_concerns) && !ctx->options.no_wait &&
	    !r->is_dry && !ctx->options.dry_run) {
		const struct row *host = rows_find_host(&ctx->columns, NULL, NULL);
		/* Without a change of its own, the line waits for earlier changes. */
		int64_t next_cfg =
			r->next_cfg ? r->next_cfg
			: host ? datum_integer(row_get(host, ctx->columns.host.next_cfg),
					       0)
			       : 0;
		struct err *e = wait_until_applied(ctx, next_cfg);

		if (e) {
			CLEANUP(freep) char *text = err_text(e);

			fprintf(stderr, "ipvl-ctl: %s\n", text);
			err_free(e);
			return 1;
		}
		ok = wait_report(ctx, stderr);
	}
	return !ok || ctx->has_failed ? 1 : ctx->differs ? 2 : 0;
}

static struct err *attempt_of(void *aux)
{
	return attempt(aux);
}

/* Until the user ends it. */
static struct err *run_on(struct run *r)
{
	const struct call *call = &r->line->calls[0];
	struct context *ctx = &r->ctx;
	struct err *e = ask_check(ctx, call->command->name);

	ctx->is_picture = call->command->flags & COMMAND_PICTURE && ctx->width &&
			  ctx->options.format != FORMAT_JSON && screen_is_possible();
	return e ? e : follow(ctx, attempt_of, r);
}

/* As another command of the same user, on a connection of its own: the one of the line may
 * be what the change has cut. */
static int run_command(void *aux, const char *name)
{
	const struct run *r = aux;
	struct call call = {.is_alone = true};
	struct line line = *r->line;
	struct err *e = command_find(line.commands, name, &call.command);

	assert(!e);
	line.calls = &call;
	line.n_calls = 1;
	line.options.trial_s = 0;
	return run_line(&line, r->ctx.colour, r->ctx.width, NULL);
}

int run_line(const struct line *l, bool colour, size_t width, char **ret_failure)
{
	struct run r = {.line = l, .ret_failure = ret_failure};
	struct json_object *slaves;
	bool needs_db = false;
	struct err *e = NULL;
	int status;

	for (size_t i = 0; i < l->n_calls; i++) {
		unsigned int flags = l->calls[i].command->flags;

		needs_db = needs_db || !(flags & COMMAND_NO_DB);
		r.is_dry = r.is_dry || flags & COMMAND_DRY;
		r.may_write =
			r.may_write || !(flags & (COMMAND_READ_ONLY | COMMAND_NO_DB));
	}
	r.ctx.options = l->options;
	r.ctx.lease_attempt = 1;
	r.ctx.follows = l->n_calls && call_follows(&l->calls[0]);
	slaves = scope_of_line(l);
	/* Errors that need no daemon are reported before connecting. */
	for (size_t i = 0; i < l->n_calls && !e; i++) {
		if (l->calls[i].command->run == cmd_apply ||
		    l->calls[i].command->run == cmd_try)
			e = cmd_apply_check(&l->calls[i]);
	}
	if (!e && needs_db)
		e = context_open(&r.ctx, &l->options, !r.may_write || r.is_dry, slaves);
	json_free(slaves);
	r.ctx.colour = colour;
	r.ctx.width = width;
	if (!e)
		e = r.ctx.follows ? run_on(&r) : run_attempts(&r);
	/* The row may be outside of the scope, and a suggestion needs all names. */
	if (e && e->code == ERR_NOT_FOUND && r.ctx.is_scoped) {
		err_free(e);
		e = context_widen(&r.ctx);
		if (!e)
			e = run_attempts(&r);
	}
	status = e ? fail(&r, e) : r.ctx.follows ? 0 : conclude(&r);
	if (!e && r.is_on_trial)
		status = prompt_conclude(&r.ctx, status, run_command, &r);
	context_close(&r.ctx);
	return status;
}
