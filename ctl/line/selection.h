/* Which columns a list shows, and in which order: --columns. */
#ifndef CTL_SELECTION_H
#define CTL_SELECTION_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include "ovsdb-lite/values/schema.h"

#include <stdbool.h>
#include <stddef.h>

struct selected {
	const struct column_schema *column; /* NULL: one of the list's own */
	size_t own;                         /* which one then */
};

struct selection {
	const char **headings;
	struct selected *columns;
	size_t n;
};

/* A list has columns of its own, and all of its table's. 'wanted' is the text of
 * --columns, NULL for the list's own and, with 'is_all', those of the table behind them.
 * Everything is from 'a', or borrowed from the names and the schema. ERR_INVALID with the
 * nearest name. */
struct err *selection_make(struct arena *a, const struct table_schema *t,
			   const char *const *own, size_t n_own, bool is_all,
			   const char *wanted,
			   struct selection *ret_selection) MUST_CHECK;

#endif
