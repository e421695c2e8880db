/* Conditions (RFC 7047 5.1 <condition>): a list of clauses [column, function, value], or
 * booleans. In `where` of an operation all must be true; in a monitor any of them
 * (ovsdb-wire.md 4). */
#ifndef OVSDB_CONDITION_H
#define OVSDB_CONDITION_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/table.h"

struct condition;
struct json_object;
struct named_uuids;

/* ERR_SYNTAX, ERR_UNKNOWN_COLUMN, ERR_UNKNOWN_FUNCTION; ERR_CONSTRAINT if a value can
 * never be in its column. `_uuid` and `_version` are columns here. */
struct err *condition_from_json(const struct table_schema *t,
				const struct json_object *json, struct named_uuids *names,
				struct condition **ret_condition) MUST_CHECK;
void condition_free(struct condition *c); /* accepts NULL */
/* How many clauses condition_matches_any() evaluates one after the other, without a
 * hash. */
size_t condition_n_scanned(const struct condition *c);

/* Reads a column of a row: as row_get() for committed rows, or as txn_get() within a
 * transaction. */
typedef const struct datum *condition_read_fn(const void *aux, const struct row *r,
					      const struct column_schema *c);
/* 'read' NULL: row_get(). An empty condition is true, for images too. */
bool condition_matches_all(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux);
bool condition_matches_any(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux);

/* condition_matches_all() that adds its cost to '*units': about tens of nanoseconds. */
bool condition_matches_all_counted(const struct condition *c, const struct row *r,
				   condition_read_fn *read, const void *aux,
				   uint64_t *units);

/* An earlier state of a row, which may be in no table any more. */
struct condition_image {
	const struct uuid *uuid, *version;
	const struct datum *(*read)(const void *aux, const struct column_schema *c);
	const void *aux;
};
bool condition_image_matches_any(const struct condition *c,
				 const struct condition_image *image);
/* The UUID of a clause ["_uuid", "==", u], which makes a scan unnecessary. NULL if there
 * is none. Borrowed. */
const struct uuid *condition_uuid(const struct condition *c);

/* The value of a clause [column, "==", value], for a look-up by index. NULL if there is
 * none. Borrowed. */
const struct datum *condition_equal_value(const struct condition *c,
					  const struct column_schema *column);

#endif
