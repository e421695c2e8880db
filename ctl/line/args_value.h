/* A VALUE of the command line as a column's datum. */
#ifndef CTL_ARGS_VALUE_H
#define CTL_ARGS_VALUE_H 1

#include "ctl/line/args_split.h"
#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

/* VALUE [] is a value of it. */
bool args_can_be_empty(const struct column_schema *c);

/* The value of 'c' in VALUE's forms. 'ret_value' is owned by the caller. */
struct err *args_parse_value(const struct table_schema *t, const struct column_schema *c,
			     const char *text, struct datum *ret_value) MUST_CHECK;
/* The same for some elements of a set or map, of which the column's number is not
 * checked. */
struct err *args_parse_elements(const struct table_schema *t,
				const struct column_schema *c, const char *text,
				struct datum *ret_value) MUST_CHECK;

/* Reads an element of column 'c' and appends it to 'd'; datum_sort() must follow. */
struct err *args_append(struct datum *d, const struct table_schema *t,
			const struct column_schema *c,
			const struct args_element *element) MUST_CHECK;

#endif
