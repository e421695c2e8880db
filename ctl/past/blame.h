/* Explains why a transaction of the history cannot be undone. */
#ifndef CTL_BLAME_H
#define CTL_BLAME_H 1

#include "ctl/past/past.h"
#include "ovsdb-lite/history/history.h"

/* Adds to 'e', the error of history_revert() for 'chosen', the later transaction and what it
 * changed. Takes 'e'. 'o' is valid if 'e' is ERR_BUSY. 'past' is the result of past_read(),
 * newest first. */
struct err *blame(const struct context *ctx, const struct past *past, size_t n,
		  const struct past *chosen, const struct history_obstacle *o,
		  struct err *e) MUST_CHECK;

#endif
