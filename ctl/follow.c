/* The life of a command that follows: attempts, what wakes it, and the end. What it
 * prints is its handler's: lines, each attempt's below those before; or with
 * ctx->is_picture a picture, which output/screen.c draws. */
#include "ctl/follow.h"

#include "ctl/output/screen.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <signal.h>
#include <stdlib.h>

/* Changes within this time after a picture are in one picture. */
#define PICTURE_MS 100
#define LOST       "lost the connection to ipvld; connecting again"
/* Between tries, where the replica cannot connect again by itself. */
#define RETRY_MS 1000

struct follow {
	struct context *ctx;
	struct db_observer *observer;
	struct screen *screen; /* NULL: lines are printed */
	int64_t end_ms;        /* of --timeout */
	int64_t due_ms;        /* of the next attempt without a change */
	bool is_changed, is_resized, is_over;
	bool is_lost; /* the user has read that the connection is */
};

static void on_end(void *aux)
{
	struct follow *f = aux;

	f->is_over = true;
}

static void on_resize(void *aux)
{
	struct follow *f = aux;

	f->is_resized = true;
}

static void on_change(void *aux, const struct txn *txn)
{
	struct follow *f = aux;

	(void)txn;
	f->is_changed = true;
}

static bool is_at_end(const struct follow *f)
{
	return f->is_over || clock_now_ms() >= f->end_ms || ferror(stdout);
}

/* Runs the loop once, until 'until_ms' at most. */
static struct err *turn(struct follow *f, int64_t until_ms)
{
	int64_t now_ms = clock_now_ms();

	if (until_ms > f->end_ms)
		until_ms = f->end_ms;
	return loop_run_once(f->ctx->loop, until_ms > now_ms ? until_ms - now_ms : 0);
}

/* 'text' is a whole sentence, about the connection. */
static void say(const struct follow *f, const char *text)
{
	if (f->screen)
		screen_title(f->screen, text);
	else
		fprintf(stderr, "ipvl-ctl: %s\n", text);
}

static void observe(struct follow *f)
{
	f->observer = db_observe(f->ctx->db, on_change, f);
	f->is_changed = true;
}

/* The server has another schema now, after an upgrade: what was kept of the old one is of
 * no use. */
static struct err *connect_anew(struct follow *f)
{
	struct err *e = NULL;
	bool is_open = false;

	db_unobserve(STEAL(f->observer));
	while (!is_open && !e && !is_at_end(f)) {
		struct err *failure = context_reconnect(f->ctx);
		int64_t again_ms = clock_now_ms() + RETRY_MS;

		is_open = !failure;
		err_free(failure);
		while (!is_open && !e && !is_at_end(f) && clock_now_ms() < again_ms)
			e = turn(f, again_ms);
	}
	if (is_open)
		observe(f);
	return e;
}

/* Says that the connection was lost, or is there again. */
static struct err *check_connection(struct follow *f)
{
	const struct err *lost = replica_error(f->ctx->replica);
	struct err *e = NULL;

	if (lost && !f->is_lost)
		say(f, LOST);
	if (lost && lost->code == ERR_INTERRUPTED) {
		e = connect_anew(f);
		lost = NULL;
		f->is_lost = true;
	}
	if (!lost && f->is_lost && !is_at_end(f) && !e)
		say(f, "connected to ipvld again");
	f->is_lost = lost != NULL;
	return e;
}

static struct err *wait_for_reason(struct follow *f)
{
	struct err *e = NULL;

	f->due_ms = f->ctx->again_ms ? clock_now_ms() + f->ctx->again_ms : f->end_ms;
	while (!e && !is_at_end(f) && !f->is_changed && !f->is_resized &&
	       clock_now_ms() < f->due_ms) {
		e = turn(f, f->due_ms);
		if (!e)
			e = check_connection(f);
	}
	return e;
}

/* A burst of changes is one picture. */
static struct err *wait_for_the_rest(struct follow *f)
{
	int64_t until_ms = clock_now_ms() + PICTURE_MS;
	struct err *e = NULL;

	while (!e && f->is_changed && !is_at_end(f) && clock_now_ms() < until_ms) {
		e = turn(f, until_ms);
		if (!e)
			e = check_connection(f);
	}
	return e;
}

static void print(struct follow *f)
{
	struct context *ctx = f->ctx;

	if (!ctx->is_picture) {
		context_print(ctx);
		return;
	}
	fflush(ctx->out);
	screen_draw(f->screen, ctx->out_text, f->is_changed);
	if (f->is_lost)
		say(f, LOST);
}

static struct err *go(struct follow *f, follow_fn *attempt, void *aux)
{
	struct context *ctx = f->ctx;
	struct err *e;

	do {
		f->is_resized = false;
		if (f->screen)
			ctx->width = screen_width(f->screen);
		ctx->deadline_ms = clock_now_ms() + OPTIONS_DEFAULT_TIMEOUT_MS;
		e = attempt(aux);
		if (!e)
			print(f);
		else if (replica_error(ctx->replica))
			err_free(STEAL(e)); /* it is tried again with a connection */
		if (e)
			return e;
		f->is_changed = false;
		ctx->is_again = true;
		e = wait_for_reason(f);
		if (!e && f->screen)
			e = wait_for_the_rest(f);
	} while (!e && !is_at_end(f));
	return e;
}

struct err *follow(struct context *ctx, follow_fn *attempt, void *aux)
{
	struct follow f = {
		.ctx = ctx,
		.end_ms = ctx->options.timeout_ms < 0 ? INT64_MAX / 2 : ctx->deadline_ms,
	};
	struct loop_signal *signals[] = {
		loop_signal_new(ctx->loop, SIGINT, on_end, &f),
		loop_signal_new(ctx->loop, SIGTERM, on_end, &f),
		loop_signal_new(ctx->loop, SIGHUP, on_end, &f),
		loop_signal_new(ctx->loop, SIGWINCH, on_resize, &f),
	};
	struct err *e;

	if (ctx->is_picture)
		f.screen = screen_open(stdout, ctx->colour);
	observe(&f);
	e = go(&f, attempt, aux);
	screen_close(f.screen);
	db_unobserve(f.observer);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		loop_signal_free(signals[i]);
	/* What was printed is not printed again by the caller. */
	context_end(ctx);
	return e;
}
