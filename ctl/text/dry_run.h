/* What a transaction would do, by the daemon's plan (method `ipvl_plan`,
 * docs/methods.md). */
#ifndef CTL_DRY_RUN_H
#define CTL_DRY_RUN_H 1

#include "ctl/text/diff.h"
#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* "+ add slave ns1/a on eth0 (l2 bridge)". */
struct dry_run_step {
	const char *object, *text;
	const char *loss; /* what its traffic loses; "": the step is hitless */
};

/* A row as it would be; also one that the transaction does not change. */
struct dry_run_row {
	const char *object;
	const char *state; /* a word of the column, or "removed" */
	const char *message;
	const char **warnings;
	size_t n_warnings;
	bool is_well; /* ready, disabled or removed */
};

struct dry_run {
	struct dry_run_step *steps; /* in the order of execution */
	size_t n_steps;
	struct dry_run_row *rows;
	size_t n_rows;
};

/* Sends the attempt's transaction to the daemon. '*ret_dry_run' is NULL without a
 * plan: with a file, or a server without the method. An error is the one that a commit
 * would get. From the attempt's arena. */
struct err *dry_run_ask(struct context *ctx, struct dry_run **ret_dry_run) MUST_CHECK;

/* --strict or --no-disrupt: what the preview must be for the change to be committed, as an
 * operation of the same transaction. */
bool dry_run_has_conditions(const struct context *ctx);
struct json_object *dry_run_conditions(const struct context *ctx);
/* ERR_UNSUPPORTED if there are conditions: a file has no daemon that could check them. */
struct err *dry_run_check_file(const struct context *ctx) MUST_CHECK;
/* The error of a server that does not have the operation, in words of the line. Takes 'e',
 * which may be NULL. */
struct err *dry_run_explain(const struct context *ctx, struct err *e) MUST_CHECK;

/* "in conflict: lab7 already has a veth …", "waiting for eno9 to appear". */
const char *dry_run_outcome(struct arena *a, const struct dry_run_row *row);
/* "hitless", "disruptive: 10.0.0.2 goes away". */
const char *dry_run_effect(struct arena *a, const struct dry_run_step *s);

/* Prints the lines of `diff` and --dry-run, or records in the format of --format. 'f'
 * may be NULL: only the changes of rows are known then. */
void dry_run_print(const struct context *ctx, const struct diff *changes,
		   const struct dry_run *f, FILE *out);
/* The changes as a unified diff of the rows as YAML; below it the rows that would not be
 * ready or have warnings, and the steps. */
struct err *dry_run_print_unified(struct context *ctx, const struct diff *changes,
				  const struct dry_run *f, FILE *out) MUST_CHECK;

#endif
