/* Warnings about changed rows that a file declares. */
#ifndef CTL_DECLARED_H
#define CTL_DECLARED_H 1

#include "ctl/text/diff.h"
#include "ctl/session/context.h"

/* Call it before the commit of a line without apply. Adds a warning to ctx->warnings
 * for each file and kind of change. */
void declared_warn(struct context *ctx, const struct diff *changes);

#endif
