/* A change of the past with its old and new values, as `git log -p` shows them. */
#ifndef CTL_PATCH_H
#define CTL_PATCH_H 1

#include "ctl/past/past.h"

/* Adds a line for each value that was removed or added: "- mode l2", "+ mode l3"; for each
 * element of a set or map. */
void patch_add(const struct context *ctx, struct layout *l, size_t indent,
	       const struct past_change *change);

#endif
