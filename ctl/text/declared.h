/* Warnings about rows that a file declares. */
#ifndef CTL_DECLARED_H
#define CTL_DECLARED_H 1

#include "ctl/text/diff.h"
#include "ctl/session/context.h"

/* Before the commit of a line that is no apply: what was changed of a declared row, or
 * removed, is not for long. A line for each file and kind of change, into
 * ctx->warnings. */
void declared_warn(struct context *ctx, const struct diff *changes);

#endif
