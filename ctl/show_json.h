/* `show` for other programs. */
#ifndef CTL_SHOW_JSON_H
#define CTL_SHOW_JSON_H 1

#include "ctl/context.h"

#include <stddef.h>

/* An array of masters, each with all of its columns, its slaves with all of theirs in it.
 * As JSON or YAML. */
void show_json(struct context *ctx, struct row *const *masters, size_t n);

#endif
