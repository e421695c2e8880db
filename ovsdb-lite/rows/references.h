/* The references that a change of a column's value adds and removes. */
#ifndef OVSDB_REFERENCES_H
#define OVSDB_REFERENCES_H 1

#include "ovsdb-lite/values/schema.h"
#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"

/* One reference to row 'uuid' of table 'to' was added (delta 1) or removed (-1). */
typedef struct err *reference_fn(void *aux, const struct table_schema *to,
				 const struct uuid *uuid, int delta);

/* Calls 'fn' for each reference of 'kind' in which 'old' and 'new' differ, until it
 * returns an error. Either value may be NULL: empty. The column must have references of
 * this kind. The comparison is linear in both values, the calls in their difference. */
struct err *references_diff(const struct column_schema *c, enum ref_kind kind,
			    const struct datum *old, const struct datum *new,
			    reference_fn *fn, void *aux) MUST_CHECK;
/* True if the column's type has references of 'kind'. */
bool references_in_column(const struct column_schema *c, enum ref_kind kind);

#endif
