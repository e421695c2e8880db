/* Explains why a transaction of the history cannot be undone. */
#ifndef CTL_BLAME_H
#define CTL_BLAME_H 1

#include "ctl/text/past.h"

/* Adds to 'e', the error of history_revert() for 'chosen', the later transaction and
 * what it changed. Takes 'e'. 'past' is the result of past_read(), newest first. */
struct err *blame(const struct context *ctx, const struct past *past, size_t n,
		  const struct past *chosen, struct err *e) MUST_CHECK;

#endif
