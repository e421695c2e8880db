/* What args.c and args_value.c share. Private to them. */
#ifndef CTL_ARGS_VALUE_H
#define CTL_ARGS_VALUE_H 1

#include "ctl/line/args_split.h"
#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

/* Reads an element of column 'c' and appends it to 'd'; datum_sort() must follow. */
struct err *args_append(struct datum *d, const struct table_schema *t,
			const struct column_schema *c,
			const struct args_element *element) MUST_CHECK;

#endif
