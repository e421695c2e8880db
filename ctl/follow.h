/* Runs a command that follows (COMMAND_FOLLOW, --follow): again after each change. */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H 1

#include "ctl/session/context.h"

/* One run of the line: an attempt, whose output stays in the context. */
typedef struct err *follow_fn(void *aux);

/* Runs 'attempt' and prints its output, first at once, then after each change of the
 * database, until SIGINT, SIGTERM, --timeout, or until standard output is closed: none of
 * them is an error. When the connection ends it says so, connects again, and goes on. */
struct err *follow(struct context *ctx, follow_fn *attempt, void *aux) MUST_CHECK;

#endif
