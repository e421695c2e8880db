/* A transaction: changed rows as (old, new). Its own reads see the new values; named
 * passes check it; it is committed as a whole or not at all (RFC 7047 4.1.3,
 * ovsdb-wire.md 3).
 *
 * Only the changed columns of a row are copied. Until the commit, the readers of table.h
 * get the old values and txn_get() gets the new ones. One thread only. Of several open
 * transactions on a database at most one may be committed; txn_free() abandons the
 * others. */
#ifndef OVSDB_TXN_H
#define OVSDB_TXN_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/database.h"

#include <stdbool.h>

struct json_object;
struct txn;

struct txn *txn_new(struct db *db, const struct txn_origin *origin)
	__attribute__((warn_unused_result));
void txn_free(struct txn *t); /* discards what was not committed; accepts NULL */

struct db *txn_db(const struct txn *t);
const struct txn_origin *txn_origin(const struct txn *t);
/* Appends a line to the comment in the history, as the `comment` operation does. Control
 * characters and broken UTF-8 become '?' (text_make_plain()). */
void txn_add_comment(struct txn *t, const char *comment);
const char *txn_comment(const struct txn *t); /* "" if none */

/* A new row with default values; a random UUID if 'uuid' is NULL. ERR_DUPLICATE_UUID. */
struct err *txn_insert(struct txn *t, struct table *table, const struct uuid *uuid,
		       struct row **ret_row) MUST_CHECK;
void txn_delete(struct txn *t, struct row *r);
/* The value as this transaction sees it. */
const struct datum *txn_get(const struct txn *t, const struct row *r,
			    const struct column_schema *c);
/* Takes d's contents and leaves it empty. Writing the present value is no change. 'd'
 * must satisfy the column's type (datum_check()); exec.c checks that the column is
 * mutable. */
void txn_set(struct txn *t, struct row *r, const struct column_schema *c,
	     struct datum *d);
/* txn_set() with C values, for code that has the schema built in. Copies the strings. */
void txn_set_string(struct txn *t, struct row *r, const struct column_schema *c,
		    const char *s);
void txn_set_strings(struct txn *t, struct row *r, const struct column_schema *c,
		     const char *const *s, size_t n);
void txn_set_integer(struct txn *t, struct row *r, const struct column_schema *c,
		     int64_t i);
/* Sets an optional integer; 0: to the empty set. */
void txn_set_integer_or_none(struct txn *t, struct row *r, const struct column_schema *c,
			     int64_t i);

/* Rows as this transaction sees them. */
struct row *txn_find(const struct txn *t, const struct table *table,
		     const struct uuid *uuid);
struct row *txn_first(const struct txn *t, const struct table *table);
struct row *txn_next(const struct txn *t, const struct table *table, const struct row *r);
/* How many rows a loop over them visits, including those that the transaction deleted. */
size_t txn_scan_length(const struct txn *t, const struct table *table);
#define TXN_FOR_EACH_ROW(r, t, table)                                                    \
	for (struct row *r = txn_first(t, table); r; r = txn_next(t, table, r))
bool txn_row_is_deleted(const struct txn *t, const struct row *r);
/* Calls 'fn' for each row with this key in index number 'index', as this transaction sees
 * the rows; key[i] is the value of the index's column number i. Several rows may have one
 * key until the commit checks it. O(1) for each row. 'fn' must not change 't'. */
typedef void txn_row_fn(void *aux, struct row *r);
void txn_for_each_by_index(const struct txn *t, const struct table *table, size_t index,
			   const struct datum *const *key, txn_row_fn *fn, void *aux);

/* True if so many rows of the transaction had equal keys of an index that look-ups became
 * too slow. Look-ups then miss rows, and the commit fails with ERR_RESOURCES. */
bool txn_is_exhausted(const struct txn *t);

/* One of these rows; NULL if there is none. */
struct row *txn_find_by_index(const struct txn *t, const struct table *table,
			      size_t index, const struct datum *const *key);

/* What changed, for validators, observers and replicas. */
enum change_kind { CHANGE_INSERT, CHANGE_UPDATE, CHANGE_DELETE };
struct change {
	const struct table *table;
	const struct row *row;
	enum change_kind kind;
	void *private_;
};
bool txn_next_change(const struct txn *t, struct change *c); /* begin with a zeroed 'c' */
#define TXN_FOR_EACH_CHANGE(c, t) for (struct change c = {0}; txn_next_change(t, &c);)
bool txn_is_empty(const struct txn *t);
/* The old value is NULL for an insert, the new value is NULL for a delete. Both pointers
 * are equal if the column did not change. */
const struct datum *change_old(const struct change *c,
			       const struct column_schema *column);
const struct datum *change_new(const struct change *c,
			       const struct column_schema *column);
/* True for every column of an insert or a delete. */
bool change_is_changed(const struct change *c, const struct column_schema *column);
/* The row's _version before the change; NULL for an insert. After the commit
 * row_version() returns the new one. */
const struct uuid *change_old_version(const struct change *c);
/* True if a persistent (not ephemeral) column, or the row's existence, changed. */
bool change_is_persistent(const struct change *c);

/* 't', not yet committed, as operations of RFC 7047 5.2 for another server's database,
 * with `wait`s for the old values of what it writes. Owned by the caller. */
struct json_object *txn_to_operations(const struct txn *t);
/* {"op", "table", "where"} of one row: what else the operation takes is to be added. Owned by the
 * caller. */
struct json_object *txn_operation_on(const char *op, const char *table,
				     const struct uuid *row)
	__attribute__((warn_unused_result));

#endif
