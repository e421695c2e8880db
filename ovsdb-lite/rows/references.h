/* Which references a change of a column's value adds and takes away. */
#ifndef OVSDB_REFERENCES_H
#define OVSDB_REFERENCES_H 1

#include "ovsdb-lite/values/schema.h"
#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

/* One reference more (delta 1) or less (-1) to row 'uuid' of table 'to'. */
typedef struct err *reference_fn(void *aux, const struct table_schema *to,
				 const struct uuid *uuid, int delta);

/* Calls 'fn' for each reference of 'kind' in which 'old' and 'new' (either may be NULL:
 * nothing) differ, until it returns an error. Comparing costs the size of both, 'fn' only
 * the difference. */
struct err *references_diff(const struct column_schema *c, enum ref_kind kind,
			    const struct datum *old, const struct datum *new,
			    reference_fn *fn, void *aux) MUST_CHECK;
bool references_in_column(const struct column_schema *c, enum ref_kind kind);

#endif
