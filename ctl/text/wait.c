/* Waits until the daemon has applied a change, and reports rows that are not ready:
 * `waiting` is a warning, `error` and `conflict` are failures. The states are read
 * from the replica, since the transaction has ended. */
#include "ctl/text/wait.h"

#include "ctl/output/progress.h"
#include "ctl/text/describe.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/hash_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The most rows that one sentence names. */
#define NAMES_MAX 5
/* Fewer rows than these show no progress. */
#define PROGRESS_MIN_ROWS 20
/* The time added for each row: more than a slave takes even on a slow machine. */
#define WAIT_MS_PER_ROW 100

struct state {
	enum row_state state;
	const char *message;
	const struct datum *warnings;
};

/* False if the row no longer exists, or was not fetched: it is ready then. */
static bool read_state(const struct context *ctx, const struct concern *concern,
		       struct state *ret_state)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *r = table_find(
		concern->is_slave ? c->slave.table : c->master.table, &concern->uuid);

	if (!r)
		return false;
	ret_state->state = state_of_row(c, r);
	if (ret_state->state == STATE_DRIFTED && describe_is_ignored(c, r))
		ret_state->state = STATE_READY;
	ret_state->message = datum_string(
		row_get(r, concern->is_slave ? c->slave.message : c->master.message));
	ret_state->warnings =
		row_get(r, concern->is_slave ? c->slave.warnings : c->master.warnings);
	return true;
}

static bool is_pending(const struct state *s)
{
	return s->state == STATE_UNKNOWN || s->state == STATE_PENDING;
}

static bool is_failure(const struct state *s)
{
	return s->state == STATE_ERROR || s->state == STATE_CONFLICT;
}

/* A row that is contested or drifted counts as waiting: ipvld leaves it for now. */
static struct progress_counts count_states(const struct context *ctx)
{
	struct progress_counts c = {0};
	struct state s;

	for (size_t i = 0; i < ctx->n_concerns; i++) {
		bool is_fetched = read_state(ctx, &ctx->concerns[i], &s);

		if (!is_fetched && !ctx->is_reduced)
			continue;
		c.n++;
		if (!is_fetched) {
			c.ready++;
			continue;
		}
		if (is_failure(&s))
			c.failed++;
		else if (s.state == STATE_READY || s.state == STATE_DISABLED)
			c.ready++;
		else if (!is_pending(&s))
			c.waiting++;
	}
	return c;
}

static size_t pending_of(const struct progress_counts *c)
{
	return c->n - c->ready - c->waiting - c->failed;
}

/* "a, b and 3 more". */
struct names {
	struct arena *arena;
	const char *text;
	size_t n;
};

static void add_name(struct names *names, const char *name)
{
	if (names->n++ < NAMES_MAX)
		names->text = describe_join(names->arena, names->text, name);
}

static const char *names_text(const struct names *names)
{
	if (names->n <= NAMES_MAX)
		return names->text;
	return arena_printf(names->arena, "%s and %zu more", names->text,
			    names->n - NAMES_MAX);
}

static struct err *too_late(const struct context *ctx, int64_t waited_ms)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct names names = {.arena = a, .text = ""};
	struct state s;
	struct err *e;

	for (size_t i = 0; i < ctx->n_concerns; i++) {
		if (read_state(ctx, &ctx->concerns[i], &s) && is_pending(&s))
			add_name(&names, ctx->concerns[i].label);
	}
	if (names.n)
		e = err_new(ERR_TIMED_OUT,
			    "ipvld has not applied the change within %" PRId64
			    " s: %s %s still pending",
			    waited_ms / 1000, names_text(&names),
			    names.n == 1 ? "is" : "are");
	else
		e = err_new(ERR_TIMED_OUT,
			    "ipvld has not applied the change within %" PRId64 " s",
			    waited_ms / 1000);
	return err_hint(e, "the change is in the database, and ipvld keeps applying it: "
			   "see `ipvl-ctl status`");
}

static int64_t cur_cfg(const struct context *ctx)
{
	const struct row *host = rows_find_host(&ctx->columns, NULL, NULL);

	return host ? datum_integer(row_get(host, ctx->columns.host.cur_cfg), 0) : 0;
}

/* The width of the terminal on standard error; 0: it is none. */
static size_t columns_of_stderr(void)
{
	struct winsize size;

	if (!isatty(STDERR_FILENO))
		return 0;
	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

struct waiting {
	struct context *ctx;
	struct progress *progress; /* NULL: few rows */
	int64_t patience_ms, deadline_ms;
	size_t n_pending; /* as it was when the deadline was set */
	bool has_rows; /* 'ctx' has the rows that are not ready, not only the table Host */
};

/* A copy of many rows would be brought up to date several times while they are applied,
 * which costs as much as making them. A bar shows each. */
static bool is_reducible(const struct context *ctx)
{
	return ctx->n_concerns >= PROGRESS_MIN_ROWS && !ctx->options.trial_s &&
	       !columns_of_stderr();
}

static struct err *take_rows(struct waiting *w)
{
	struct err *e = w->has_rows ? NULL : context_reduce(w->ctx, CONTEXT_UNREADY);

	w->has_rows = true;
	return e;
}

/* Until the next change, or until there is progress to show. ERR_TIMED_OUT at the
 * deadline. */
static struct err *wait_once(struct waiting *w)
{
	int64_t until_ms = w->deadline_ms;
	struct err *e;

	if (w->progress && progress_due_ms(w->progress) < until_ms)
		until_ms = progress_due_ms(w->progress);
	e = context_wait_change(w->ctx, until_ms);
	if (e && e->code == ERR_TIMED_OUT && until_ms < w->deadline_ms)
		err_free(STEAL(e));
	return e;
}

/* Without --timeout, it waits as long as the daemon makes progress. */
static struct err *look_at_progress(struct waiting *w)
{
	int64_t now_ms = clock_now_ms();
	struct progress_counts c;
	struct err *e;

	if (!w->has_rows && now_ms < progress_due_ms(w->progress))
		return NULL;
	e = take_rows(w);
	if (e)
		return e;
	c = count_states(w->ctx);
	if (w->progress)
		progress_show(w->progress, &c, now_ms);
	if (w->ctx->options.timeout_ms < 0 && pending_of(&c) != w->n_pending) {
		w->n_pending = pending_of(&c);
		w->deadline_ms = now_ms + w->patience_ms;
	}
	return NULL;
}

/* What the rows became, for wait_report(). */
static struct err *finish(struct waiting *w, int64_t start_ms, struct err *e)
{
	bool is_late = e && e->code == ERR_TIMED_OUT;

	progress_end(w->progress);
	if (e && !is_late)
		return e;
	err_free(e);
	e = take_rows(w);
	if (!is_late)
		return e;
	err_free(e);
	return too_late(w->ctx, clock_now_ms() - start_ms + 500);
}

struct err *wait_until_applied(struct context *ctx, int64_t next_cfg)
{
	int64_t start_ms = clock_now_ms();
	struct waiting w = {
		.ctx = ctx,
		.patience_ms = OPTIONS_DEFAULT_TIMEOUT_MS +
			       WAIT_MS_PER_ROW * (int64_t)ctx->n_concerns,
		.has_rows = !is_reducible(ctx),
	};
	struct progress_counts c = count_states(ctx);
	struct err *e = NULL;

	w.n_pending = pending_of(&c);
	w.deadline_ms = ctx->options.timeout_ms >= 0 ? ctx->deadline_ms
						     : start_ms + w.patience_ms;
	if (ctx->n_concerns >= PROGRESS_MIN_ROWS)
		w.progress = progress_new(stderr, columns_of_stderr(), start_ms);
	if (!w.has_rows)
		e = context_reduce(ctx, CONTEXT_HOST);
	while (!e && cur_cfg(ctx) < next_cfg) {
		e = wait_once(&w);
		if (!e)
			e = look_at_progress(&w);
	}
	return finish(&w, start_ms, e);
}

/* Rows with the same state and message. */
struct group {
	char *key; /* state, newline, message */
	struct state state;
	struct names names;
	UT_hash_handle hh;
};

struct report {
	struct arena *arena;
	size_t n_adoptable;
	struct group *groups; /* in the order of their first rows */
};

static void add_to_group(struct report *t, const struct state *s, const char *label)
{
	char *key = arena_printf(t->arena, "%s\n%s", state_name(s->state), s->message);
	struct group *g;

	HASH_FIND_STR(t->groups, key, g);
	if (!g) {
		g = arena_alloc(t->arena, sizeof(*g));
		g->key = key;
		g->state = *s;
		g->names = (struct names){.arena = t->arena, .text = ""};
		HASH_ADD_KEYPTR(hh, t->groups, g->key, strlen(g->key), g);
	}
	add_name(&g->names, label);
}

/* A warning is printed like a state without a name. */
static void add_warnings(struct report *t, const struct state *s, const char *label)
{
	for (uint32_t i = 0; i < s->warnings->n; i++) {
		const struct state warning = {.state = STATE_UNKNOWN,
					      .message =
						      datum_keys(s->warnings)[i].string};

		add_to_group(t, &warning, label);
	}
}

static void print_group(const struct group *g, FILE *out)
{
	const char *state = state_name(g->state.state), *message = g->state.message;
	/* Not "eno2 is waiting: waiting for eno2". */
	bool has_state = !*state || !strncmp(message, state, strlen(state));
	bool has_name = *message && has_state && g->names.n == 1 &&
			strstr(message, g->names.text);

	fputs(is_failure(&g->state) ? "ipvl-ctl: " : "ipvl-ctl: warning: ", out);
	if (has_name) {
		fprintf(out, "%s\n", message);
		return;
	}
	fputs(names_text(&g->names), out);
	if (!has_state)
		fprintf(out, "%s %s", g->names.n == 1 ? " is" : " are",
			describe_state(g->state.state));
	fprintf(out, "%s%s\n", *message ? ": " : "", message);
}

bool wait_report(const struct context *ctx, FILE *out)
{
	struct report t = {.arena = arena_new()};
	struct group *g, *next;
	bool ok = true;

	for (size_t i = 0; i < ctx->n_concerns; i++) {
		const struct concern *concern = &ctx->concerns[i];
		struct state s;

		if (!read_state(ctx, concern, &s))
			continue;
		if (s.state != STATE_UNKNOWN && !state_is_well(s.state))
			add_to_group(&t, &s, concern->label);
		t.n_adoptable += s.state == STATE_CONFLICT &&
				 strstr(s.message, "`ipvl-ctl adopt ");
		add_warnings(&t, &s, concern->label);
	}
	HASH_ITER (hh, t.groups, g, next) {
		print_group(g, out);
		ok = ok && !is_failure(&g->state);
	}
	if (ctx->is_apply && t.n_adoptable > 1)
		fprintf(out,
			"ipvl-ctl: `ipvl-ctl apply --adopt` of the same files takes over "
			"these %zu devices\n",
			t.n_adoptable);
	HASH_CLEAR(hh, t.groups);
	arena_free(t.arena);
	return ok;
}
