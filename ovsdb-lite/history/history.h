/* The transactions of a database's past: who, when, why, and how the rows were before.
 *
 * Every commit that changes a persistent column is an entry in the file (`_history`), in
 * the same SQLite transaction: its inverse holds the old images of all rows that it
 * touched, those included that garbage collection removed or whose weak references
 * shrank. The number, the age and the bytes of the entries are bounded; the oldest go.
 * Ephemeral changes are remembered in memory only, as long as the process lives and
 * within a bound. Two things stand on it: what a client missed (monitor_cond_since), and
 * undoing a transaction. docs/decisions/0008-history.md.
 *
 * A database without a store (a replica, `_Server`) keeps none: its ids are zeros. */
#ifndef OVSDB_HISTORY_H
#define OVSDB_HISTORY_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/database.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

struct history_limits {
	size_t max_entries;
	int64_t max_age_s; /* 0: however old */
	size_t max_bytes;  /* of all entries together; of one a quarter of it, else its
			    * inverse is not kept */
};
/* Beside them entries may take half of what the rows take in the file, but the newest few
 * of any database are kept. */
extern const struct history_limits history_default_limits;
/* max_entries 0: no history is kept any more. Takes effect with the next commit. */
void history_set_limits(struct db *db, const struct history_limits *limits);

/* The id of the database's state: that of the last commit, ephemeral ones included; zeros
 * where no history is kept. Ids of ephemeral commits share their first 64 bits with the
 * last persistent one, by which a client is recognised even after a restart. */
const struct uuid *history_last_id(const struct db *db);

struct history_entry {
	int64_t serial; /* counts the entries of a file; never used twice */
	struct uuid id;
	int64_t time_ms;  /* since 1970, UTC */
	int64_t uid, pid; /* as in txn_origin */
	/* NULL where there is nothing to say. The command of what the process itself
	 * did is its name. */
	char *command, *subject, *comment;
	size_t n_rows;    /* that it touched */
	bool is_undoable; /* false if its inverse was not kept, or that of a later one */
	/* What it changed, for people and programs: {TABLE: {UUID: {"insert": row} |
	 * {"modify": {column: [old, new]}} | {"delete": row}}}, persistent columns only,
	 * and in a row only those that are not at their type's default. NULL if it is not
	 * undoable, was not asked for, or was too long. Owned by the entry. */
	struct json_object *changes;
};
/* The last 'max' entries, the newest first, or those before 'before_serial' (0: from the
 * end). Owned by the caller: history_entries_free(). ERR_IO, ERR_DAMAGED. */
struct err *history_read(const struct db *db, int64_t before_serial, size_t max,
			 bool with_changes, struct history_entry **ret_entries,
			 size_t *ret_n) MUST_CHECK;
void history_entries_free(struct history_entry *entries, size_t n);

/* The same in parts, for a server: others have their turn meanwhile, and may commit. What
 * an entry changed is known only in the light of all that came after it: a reader that
 * goes on to older entries need not look at those again. */
struct history_reader;
struct history_page {
	int64_t before_serial; /* 0: from the end */
	size_t max_entries;
	size_t max_bytes; /* about, of all its entries as JSON; one may be longer */
	size_t max_changes_bytes; /* of one entry: if they are longer, they are left out
				   */
};
struct history_reader *history_reader_new(const struct db *db, bool with_changes)
	__attribute__((warn_unused_result));
void history_reader_free(struct history_reader *r); /* accepts NULL */
/* Begins a page. False if it is none that this reader can come to. */
bool history_reader_begin_page(struct history_reader *r, const struct history_page *page,
			       bool with_changes) MUST_CHECK;
/* Until the page is full, or loop_now_ms() is 'end_ms'; one entry at least. After an
 * error the reader can only be freed. Errors as history_read()'s. */
struct err *history_reader_go_on(struct history_reader *r, int64_t end_ms,
				 bool *ret_done) MUST_CHECK;
/* The page's entries, owned by the caller. */
void history_reader_take(struct history_reader *r, struct history_entry **ret_entries,
			 size_t *ret_n);
/* Of every commit while there is a reader. */
void history_reader_note(struct history_reader *r, const struct txn *t);
/* {"serial", "id", "time", "uid", "pid", "command", "subject", "comment", "rows",
 * "undoable", "changes"} as docs/methods.md has it. Owned by the caller. */
struct json_object *history_entry_to_json(const struct history_entry *e);

/* How rows were after transaction 'id', where that differs from now: the images of the
 * entries since, the oldest on top. */
struct history_view;
enum history_reach {
	HISTORY_UNKNOWN,    /* the id is none of ours, or too old: nothing can be said */
	HISTORY_PERSISTENT, /* the ephemeral columns of then are not known (a restart) */
	HISTORY_WHOLE,
};
/* '*ret_view' is NULL if HISTORY_UNKNOWN. It is valid until the next commit. An error
 * (ERR_IO, ERR_DAMAGED) is no reason to turn a client away: it is HISTORY_UNKNOWN to it.
 */
struct err *history_view_since(const struct db *db, const struct uuid *id,
			       enum history_reach *ret_reach,
			       struct history_view **ret_view) MUST_CHECK;
void history_view_free(struct history_view *v); /* accepts NULL */
/* A row that was made, changed or removed since. */
struct history_image {
	const struct table_schema *table;
	struct uuid uuid;
	bool existed; /* then; if not, 'old' is all NULL */
	/* By column: its value then; NULL: as it is now. Of a row that is gone, all are
	 * set; if HISTORY_PERSISTENT, ephemeral ones to their default. */
	const struct datum *const *old;
};
/* Begin with *cursor = NULL; false after the last. The image is borrowed from 'v'. */
bool history_view_next(const struct history_view *v, void **cursor,
		       struct history_image *ret_image);

/* A column that an undo leaves as it is, whatever happened to it: a counter, say. */
struct history_except {
	const char *table, *column;
};
/* Fills 't', any transaction on a database of the same schema, with the inverse of an
 * entry's changes: rows removed come back under their UUIDs, rows made go, columns get
 * their old values. ERR_BUSY, naming table, row and column, if what it would write is not
 * what the entry left. Committing is the caller's. */
struct err *history_revert(struct txn *t, const struct json_object *changes,
			   const struct history_except *except,
			   size_t n_except) MUST_CHECK;
/* The same for entry 'serial' of t's own database. ERR_NOT_FOUND; ERR_UNSUPPORTED if the
 * entry is not undoable. */
struct err *history_undo(struct txn *t, int64_t serial,
			 const struct history_except *except, size_t n_except) MUST_CHECK;

#endif
