/* What a transaction would do, by the daemon's plan (method `ipvl_plan`,
 * docs/methods.md). */
#ifndef CTL_DRY_RUN_H
#define CTL_DRY_RUN_H 1

#include "ctl/text/diff.h"
#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct dry_run_step {
	const char *object, *text;
	bool is_disruptive;
};

/* An object that would not be ready. */
struct dry_run_outcome {
	const char *object, *state, *message;
};

/* A limit of an object, ready or not. */
struct dry_run_warning {
	const char *object, *text;
};

struct dry_run {
	struct dry_run_step *steps;
	size_t n_steps;
	struct dry_run_outcome *outcomes;
	size_t n_outcomes;
	struct dry_run_warning *warnings;
	size_t n_warnings;
};

/* Sends the attempt's transaction to the daemon. '*ret_dry_run' is NULL without a
 * plan: with a file, or a server without the method. An error is the one that a commit
 * would get. From the attempt's arena. */
struct err *dry_run_ask(struct context *ctx, struct dry_run **ret_dry_run) MUST_CHECK;

/* Prints the lines of `diff` and --dry-run, or records in the format of --format. 'f'
 * may be NULL. */
void dry_run_print(const struct context *ctx, const struct diff *changes,
		   const struct dry_run *f, FILE *out);

#endif
