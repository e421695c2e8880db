/* `show` as records: one of each master and each slave. */
#ifndef CTL_SHOW_RECORDS_H
#define CTL_SHOW_RECORDS_H 1

#include "ctl/text/show_select.h"

#include <stddef.h>

/* CSV, or a list. The columns are those of ipvl-ctl(8), FORMATS; later versions may add
 * some at the end. */
void show_records(const struct context *ctx, const struct shown *shown, size_t n);

#endif
