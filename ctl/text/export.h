/* Rows as a YAML file. */
#ifndef CTL_EXPORT_H
#define CTL_EXPORT_H 1

#include "ctl/session/context.h"

/* A file that declares the rows that 'words' name, as `show` takes them, or all. A slave that is
 * named stands below its master. From the attempt's arena. */
struct err *export_text(struct context *ctx, char *const *words, size_t n,
			const char *comment, const char **ret_text) MUST_CHECK;
/* All rows as they are in the database, and as the attempt's transaction leaves them. */
struct err *export_change(struct context *ctx, const char **ret_before,
			  const char **ret_after) MUST_CHECK;

#endif
