/* Rows of Drift: changes by other programs, and what ipvld did about them. */
#ifndef CTL_SHOW_DRIFT_H
#define CTL_SHOW_DRIFT_H 1

#include "ctl/session/context.h"

#include <stddef.h>

struct json_object;

/* The rows about 'object', a master or slave that may no longer exist; a name without
 * namespace is that of a master, else of slaves in any namespace. NULL: all rows. The
 * oldest first. From the attempt's arena. */
struct row **show_drift_select(const struct context *ctx, const char *object,
			       size_t *ret_n);

/* "deleted by `ip` (pid 4711)"; from the attempt's arena. */
const char *show_drift_found(const struct context *ctx, const struct row *r);
/* "made again after 5 ms (3 times in a row)"; from the attempt's arena. */
const char *show_drift_done(const struct context *ctx, const struct row *r);

struct show_drift_seen;

struct show_drift_seen *show_drift_seen_new(void) __attribute__((warn_unused_result));
void show_drift_seen_free(void *seen); /* accepts NULL */
/* Keeps of 'rows' those that are new or happened again since the last call; returns how
 * many. */
size_t show_drift_only_new(struct show_drift_seen *seen, const struct context *ctx,
			   struct row **rows, size_t n);

/* All columns of one. Owned by the caller. */
struct json_object *show_drift_json(const struct context *ctx, const struct row *r)
	__attribute__((warn_unused_result));
/* A JSON object on a line for each. */
void show_drift_lines(const struct context *ctx, struct row *const *rows, size_t n);
/* For people, and as records. */
void show_drift_print(const struct context *ctx, struct row *const *rows, size_t n);
void show_drift_list(const struct context *ctx, struct row *const *rows, size_t n);

#endif
