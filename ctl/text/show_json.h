/* `show` for other programs. */
#ifndef CTL_SHOW_JSON_H
#define CTL_SHOW_JSON_H 1

#include "ctl/text/show_select.h"

#include <stddef.h>

/* Prints an array of masters with all columns; each contains its slaves with all
 * columns. JSON or YAML. */
void show_json(const struct context *ctx, const struct shown *shown, size_t n);

#endif
