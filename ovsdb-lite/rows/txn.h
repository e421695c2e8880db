/* A transaction: changed rows as (old, new), read through, checked in named passes,
 * committed whole or not at all (RFC 7047 4.1.3, ovsdb-wire 3).
 *
 * Only the changed columns of a row are copied. Until the commit, table.h's readers see
 * the old and txn_get() sees the new. One transaction at a time may be open on a database
 * that commits (there is one thread); an abandoned one is txn_free()d. */
#ifndef OVSDB_TXN_H
#define OVSDB_TXN_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/database.h"

#include <stdbool.h>

struct json_object;
struct txn;

struct txn *txn_new(struct db *db, const struct txn_origin *origin)
	__attribute__((warn_unused_result));
void txn_free(struct txn *t); /* aborts if not committed; accepts NULL */

struct db *txn_db(const struct txn *t);
const struct txn_origin *txn_origin(const struct txn *t);
/* For the history: a line of text, as the `comment` operation gives it; what cannot stand
 * in one is '?' (text_make_plain()). Appends. */
void txn_add_comment(struct txn *t, const char *comment);
const char *txn_comment(const struct txn *t); /* "" if none */

/* A new row with default values; a random UUID if 'uuid' is NULL. ERR_DUPLICATE_UUID. */
struct err *txn_insert(struct txn *t, struct table *table, const struct uuid *uuid,
		       struct row **ret_row) MUST_CHECK;
void txn_delete(struct txn *t, struct row *r);
/* The value as this transaction sees it. */
const struct datum *txn_get(const struct txn *t, const struct row *r,
			    const struct column_schema *c);
/* Takes d's contents and leaves it empty. Writing what is there already is no change.
 * Constraints of the column's type have been checked by whoever made 'd'; immutability is
 * exec.c's affair. */
void txn_set(struct txn *t, struct row *r, const struct column_schema *c,
	     struct datum *d);
/* txn_set() for code that knows its schema; the strings are copied. */
void txn_set_string(struct txn *t, struct row *r, const struct column_schema *c,
		    const char *s);
void txn_set_strings(struct txn *t, struct row *r, const struct column_schema *c,
		     const char *const *s, size_t n);
void txn_set_integer(struct txn *t, struct row *r, const struct column_schema *c,
		     int64_t i);
/* 0 leaves an optional number empty. */
void txn_set_integer_or_none(struct txn *t, struct row *r, const struct column_schema *c,
			     int64_t i);

/* Rows as this transaction sees them. */
struct row *txn_find(const struct txn *t, const struct table *table,
		     const struct uuid *uuid);
struct row *txn_first(const struct txn *t, const struct table *table);
struct row *txn_next(const struct txn *t, const struct table *table, const struct row *r);
/* How many rows it takes to go through them: those that the transaction deleted too. */
size_t txn_scan_length(const struct txn *t, const struct table *table);
#define TXN_FOR_EACH_ROW(r, t, table)                                                    \
	for (struct row *r = txn_first(t, table); r; r = txn_next(t, table, r))
bool txn_row_is_deleted(const struct txn *t, const struct row *r);
/* The rows whose index number 'index' has these values, key[i] being that of its column
 * number i, as this transaction sees them: before it ends there may be several. O(1)
 * each. 'fn' must not change 't'. */
typedef void txn_row_fn(void *aux, struct row *r);
void txn_for_each_by_index(const struct txn *t, const struct table *table, size_t index,
			   const struct datum *const *key, txn_row_fn *fn, void *aux);

/* True once so many rows of the transaction had one key of an index that to look them up
 * takes too long. Not all are found then, and the commit fails with ERR_RESOURCES. */
bool txn_is_exhausted(const struct txn *t);

/* Any of them; NULL if there is none. */
struct row *txn_find_by_index(const struct txn *t, const struct table *table,
			      size_t index, const struct datum *const *key);

/* What changed, for validators and observers; also for whoever sends a transaction to
 * another server. */
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
/* NULL where there is no such image: old of an insert, new of a delete. Equal pointers if
 * unchanged. */
const struct datum *change_old(const struct change *c,
			       const struct column_schema *column);
const struct datum *change_new(const struct change *c,
			       const struct column_schema *column);
/* True of every column of an insert and of a delete. */
bool change_is_changed(const struct change *c, const struct column_schema *column);
/* The row's _version before it; NULL of an insert. After the commit row_version() is the
 * new one. */
const struct uuid *change_old_version(const struct change *c);
/* True if a persistent (not ephemeral) column, or the row's existence, changed. */
bool change_is_persistent(const struct change *c);

/* The operations of RFC 7047 5.2 that do to another server's database what 't' would do
 * here: with `wait`s that the columns written still are what they were. Owned by the
 * caller. */
struct json_object *txn_to_operations(const struct txn *t);

#endif
