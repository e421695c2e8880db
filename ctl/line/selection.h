/* The columns that a list shows, and their order: --columns. */
#ifndef CTL_SELECTION_H
#define CTL_SELECTION_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include "ovsdb-lite/values/schema.h"

#include <stdbool.h>
#include <stddef.h>

struct selected {
	const struct column_schema *column; /* NULL: a column of the list only */
	size_t own;                         /* its index then */
};

struct selection {
	const char **headings;
	struct selected *columns;
	size_t n;
};

/* Makes a selection of the columns of a list ('own') and of its table. 'wanted' is the
 * argument of --columns. NULL means the list's own columns, and with 'is_all' also
 * those of the table after them. Everything is from 'a', or borrowed from the names
 * and the schema. ERR_INVALID with the nearest name. */
struct err *selection_make(struct arena *a, const struct table_schema *t,
			   const char *const *own, size_t n_own, bool is_all,
			   const char *wanted,
			   struct selection *ret_selection) MUST_CHECK;

#endif
