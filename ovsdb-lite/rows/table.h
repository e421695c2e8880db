/* Tables of committed rows: look-up by UUID and by index, iteration, values.
 *
 * Readers borrow rows and data until the next commit. A row's address is stable from the
 * commit that inserts it to the one that deletes it. */
#ifndef OVSDB_TABLE_H
#define OVSDB_TABLE_H 1

#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"

#include <stddef.h>
#include <stdint.h>

struct row;
struct table;

const struct table_schema *table_schema(const struct table *t);
size_t table_count(const struct table *t);
/* NULL if there is none; O(1). */
struct row *table_find(const struct table *t, const struct uuid *uuid);
/* In the order of insertion; NULL at the end. */
struct row *table_first(const struct table *t);
struct row *table_next(const struct table *t, const struct row *r);
#define TABLE_FOR_EACH(r, t) for (struct row *r = table_first(t); r; r = table_next(t, r))
/* The row with this key in index number 'index' of table_schema.indexes; key[i] is the
 * value of the index's column number i. NULL if there is none; O(1). */
struct row *table_find_by_index(const struct table *t, size_t index,
				const struct datum *key);

const struct uuid *row_uuid(const struct row *r);
const struct uuid *row_version(const struct row *r);
struct table *row_table(const struct row *r);
/* The committed value. */
const struct datum *row_get(const struct row *r, const struct column_schema *c);

#endif
