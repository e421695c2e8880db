/* What a transaction would do, by the daemon's plan (its method `ipvl_plan`,
 * docs/methods.md).
 */
#ifndef CTL_FORESIGHT_H
#define CTL_FORESIGHT_H 1

#include "ctl/text/changes.h"
#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct foreseen_step {
	const char *object, *op, *why;
	bool is_disruptive;
};

/* An object that would not become ready. */
struct foreseen_outcome {
	const char *object, *state, *message;
};

/* What would limit an object, ready or not. */
struct foreseen_warning {
	const char *object, *text;
};

struct foresight {
	struct foreseen_step *steps;
	size_t n_steps;
	struct foreseen_outcome *outcomes;
	size_t n_outcomes;
	struct foreseen_warning *warnings;
	size_t n_warnings;
};

/* Asks about the attempt's transaction. '*ret_foresight' is NULL where there is no plan:
 * with a file, or a server without the method. An error is the refusal that a commit
 * would get. From the attempt's arena. */
struct err *foresight_ask(struct context *ctx,
			  struct foresight **ret_foresight) MUST_CHECK;

/* The lines of `diff` and --dry-run, or records in the format that was asked for. 'f' may
 * be NULL. */
void foresight_print(const struct context *ctx, const struct changes *changes,
		     const struct foresight *f, FILE *out);

#endif
