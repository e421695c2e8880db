/* `show` for other programs. */
#ifndef CTL_SHOW_JSON_H
#define CTL_SHOW_JSON_H 1

#include "ctl/text/show_select.h"

#include <stddef.h>

/* An array of masters, each with all of its columns, the slaves with all of theirs in it.
 * As JSON or YAML. */
void show_json(const struct context *ctx, const struct shown *shown, size_t n);

#endif
