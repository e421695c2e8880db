/* A count-down on the terminal, which ends with a line of input, with a signal, or with the
 * trial. */
#include "ctl/prompt.h"

#include "config/trial.h"
#include "ctl/output/layout.h"
#include "ctl/output/times.h"
#include "ctl/past/past.h"
#include "ctl/text/wait.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text is rewritten in its line, so it must fit. */
#define WIDE 64
/* The end of a trial is one of the last transactions. */
#define LAST_ENTRIES 20

enum answer {
	ANSWER_LATER, /* none: by another command, or by the time */
	ANSWER_KEEP,
	ANSWER_BACK,
	ANSWER_ENDED, /* by another client, or by the time */
	ANSWER_LOST,  /* the connection was lost */
};

struct prompt {
	struct context *ctx;
	enum answer answer;
	bool is_answered;
};

/* There is a person to ask. */
static bool is_possible(const struct context *ctx)
{
	return ctx->width && isatty(STDIN_FILENO) && !ctx->options.no_wait &&
	       !ctx->options.format;
}

static void answer(struct prompt *p, enum answer a)
{
	p->answer = a;
	p->is_answered = true;
}

static void on_interrupt(void *aux)
{
	answer(aux, ANSWER_BACK);
}

/* A terminal gives whole lines. */
static void on_input(void *aux)
{
	char line[256];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n <= 0) {
		answer(aux, ANSWER_LATER);
		return;
	}
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (!*line || !strcasecmp(line, "y") || !strcasecmp(line, "yes"))
		answer(aux, ANSWER_KEEP);
	else if (!strcasecmp(line, "n") || !strcasecmp(line, "no"))
		answer(aux, ANSWER_BACK);
}

static void print_count(const struct context *ctx, int64_t left_ms)
{
	int64_t left_s = (left_ms + 999) / 1000;

	if (ctx->width < WIDE)
		printf("\rkeep it? %" PRId64 " s \033[K", left_s);
	else
		printf("\rEnter keeps it, Ctrl-C goes back; it goes back in %" PRId64
		       " s \033[K",
		       left_s);
	fflush(stdout);
}

static void count_down(struct prompt *p)
{
	struct context *ctx = p->ctx;

	while (!p->is_answered) {
		const struct row *trial = trial_find(&ctx->columns, NULL);
		struct err *e = context_check_connection(ctx);
		int64_t left;

		if (!e && trial) {
			left = trial_left_ms(&ctx->columns, trial);
			print_count(ctx, left);
			/* Until the count changes. */
			e = loop_run_once(ctx->loop, left % 1000 + 1);
		} else if (!e) {
			answer(p, ANSWER_ENDED);
		}
		if (e && !p->is_answered)
			answer(p, ANSWER_LOST);
		err_free(e);
	}
}

static enum answer ask(struct context *ctx)
{
	struct prompt p = {.ctx = ctx};
	struct loop_signal *interrupt =
		loop_signal_new(ctx->loop, SIGINT, on_interrupt, &p);
	struct loop_io *input =
		loop_io_new(ctx->loop, STDIN_FILENO, LOOP_READ, on_input, &p);

	count_down(&p);
	loop_io_free(input);
	loop_signal_free(interrupt);
	printf("\r\033[K");
	fflush(stdout);
	return p.answer;
}

static void explain(const struct context *ctx, FILE *out)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	/* Of a connection that was cut off, it may never have come. */
	const struct row *trial = trial_find(&ctx->columns, NULL);
	int64_t now_ms = clock_wall_ms();
	int64_t left_ms =
		trial ? trial_left_ms(&ctx->columns, trial) : ctx->options.trial_s * 1000;
	struct layout *l = context_layout(ctx, 0, 2);

	layout_note(l, 0, STYLE_PLAIN,
		    arena_printf(a,
				 "on trial until %s%s: `ipvl-ctl confirm` keeps it, "
				 "`ipvl-ctl cancel` goes back now",
				 times_local(a, now_ms + left_ms, now_ms),
				 trial ? "" : " at the latest"));
	layout_print(l, out, false);
	layout_free(l);
}

static bool ends_trial(const struct past *p)
{
	const struct json_object *rows = p->json ? json_member(p->json, "Trial") : NULL;

	for (struct json_iter i = json_iter_begin(rows); rows && json_iter_next(&i);) {
		if (json_member(i.value, "delete"))
			return true;
	}
	return false;
}

static struct err *wait_for_last(struct context *ctx)
{
	const struct row *host = rows_find_host(&ctx->columns, NULL, NULL);

	return wait_until_applied(
		ctx,
		host ? datum_integer(row_get(host, ctx->columns.host.next_cfg), 0) : 0);
}

/* True if it was confirmed. */
static bool report_end(struct context *ctx)
{
	CLEANUP(json_freep) struct json_object *all = NULL;
	const struct past *end = NULL;
	struct past *past;
	size_t n = 0;
	struct err *e;

	context_begin(ctx);
	ctx->deadline_ms = clock_now_ms() + OPTIONS_DEFAULT_TIMEOUT_MS;
	e = past_read(ctx, 0, LAST_ENTRIES, &all, &past, &n);
	for (size_t i = 0; i < n && !end && !e; i++) {
		if (ends_trial(&past[i]))
			end = &past[i];
	}
	/* Only what took it back changed the configuration, too. */
	if (!e && end && !end->n_changes) {
		printf("the change was confirmed by %s\n",
		       *end->who ? end->who : "another client");
		return true;
	}
	if (!e)
		e = wait_for_last(ctx);
	fprintf(stderr, "ipvl-ctl: %s\n",
		end && *end->comment ? end->comment : "the change was taken back");
	if (e) {
		CLEANUP(freep) char *text = err_text(e);

		fprintf(stderr, "ipvl-ctl: %s\n", text);
	}
	err_free(e);
	return false;
}

int prompt_conclude(struct context *ctx, int status, prompt_run_fn *run, void *aux)
{
	switch (is_possible(ctx) ? ask(ctx) : ANSWER_LATER) {
	case ANSWER_KEEP:
		return run(aux, "confirm") || status ? 1 : 0;
	case ANSWER_BACK:
		run(aux, "cancel");
		return 1;
	case ANSWER_ENDED:
		return report_end(ctx) ? status : 1;
	case ANSWER_LOST:
		fputs("ipvl-ctl: lost the connection to ipvld\n", stderr);
		explain(ctx, stderr);
		return 1;
	case ANSWER_LATER:
		break;
	}
	explain(ctx, status || ctx->options.format ? stderr : stdout);
	return status;
}
