/* Rows of Drift: changes by other programs, and what ipvld did about them. */
#ifndef CTL_SHOW_DRIFT_H
#define CTL_SHOW_DRIFT_H 1

#include "ctl/session/context.h"

#include <stddef.h>

/* The rows about 'object', a master or slave that may no longer exist; a name without
 * namespace is that of a master, else of slaves in any namespace. NULL: all rows. The
 * oldest first. From the attempt's arena. */
struct row **show_drift_select(const struct context *ctx, const char *object,
			       size_t *ret_n);

/* "deleted by `ip` (pid 4711)"; from the attempt's arena. */
const char *show_drift_found(const struct context *ctx, const struct row *r);
/* "made again after 5 ms (3 times in a row)"; from the attempt's arena. */
const char *show_drift_done(const struct context *ctx, const struct row *r);

/* For people, and as records. */
void show_drift_print(const struct context *ctx, struct row *const *rows, size_t n);
void show_drift_list(const struct context *ctx, struct row *const *rows, size_t n);

#endif
