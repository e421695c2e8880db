/* The rows that `watch` shows, as they were at its last attempt, and what is new. */
#ifndef CTL_WATCHED_H
#define CTL_WATCHED_H 1

#include "ctl/session/context.h"
#include "ctl/text/show_select.h"

#include <stddef.h>

struct watched;

struct watched *watched_new(void) __attribute__((warn_unused_result));
void watched_free(void *watched); /* accepts NULL */

/* Compares the rows with those of the call before, prints a line for each row that is new,
 * changed or gone, and keeps them for the next call. The first call prints nothing.
 * Returns how many rows there are. */
size_t watched_update(struct watched *w, const struct context *ctx,
		      const struct shown *shown, size_t n);

#endif
