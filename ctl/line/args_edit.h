/* COLUMN+=VALUE and COLUMN-=VALUE: single elements of a set, a map, or a list of words. */
#ifndef CTL_ARGS_EDIT_H
#define CTL_ARGS_EDIT_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

/* What an assignment does. */
enum args_edit {
	ARGS_SET,    /* COLUMN=VALUE */
	ARGS_ADD,    /* COLUMN+=VALUE: elements of a set, a map or a list of words */
	ARGS_REMOVE, /* COLUMN-=VALUE */
};

/* VALUE, of which 'edit' is ARGS_ADD or ARGS_REMOVE. Of a map, keys alone can be removed.
 * ERR_INVALID for a column with a single value. 'ret_value' is owned by the caller. */
struct err *args_edit_parse(const struct table_schema *t, const struct column_schema *c,
			    const char *text, enum args_edit edit,
			    struct datum *ret_value) MUST_CHECK;
/* Makes the edit in 'd', the value of 'c'; ARGS_SET sets single keys of a map. */
void args_edit_apply(const struct column_schema *c, enum args_edit edit,
		     const struct datum *value, struct datum *d);

#endif
