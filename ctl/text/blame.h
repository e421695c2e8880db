/* Why a transaction of the history cannot be undone, in words. */
#ifndef CTL_BLAME_H
#define CTL_BLAME_H 1

#include "ctl/text/past.h"

/* 'e' is history_revert()'s, of 'chosen'; takes it. What is in the way is named: the
 * later transaction, and what it changed. 'past' is past_read()'s, the newest first. */
struct err *blame(const struct context *ctx, const struct past *past, size_t n,
		  const struct past *chosen, struct err *e) MUST_CHECK;

#endif
