/* How much of a pool is in use. */
#ifndef CTL_USAGE_H
#define CTL_USAGE_H 1

#include "ctl/session/context.h"

/* "12 of 253", and the same of IPv6 behind it; "" of a pool that no program can read. */
const char *usage_text(const struct context *ctx, const struct row *pool);

#endif
