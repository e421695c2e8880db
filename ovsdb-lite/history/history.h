/* The past transactions of a database: who made them, when, why, and the rows before
 * them.
 *
 * Every commit that changes a persistent column writes an entry into the file
 * (`_history`), in the same SQLite transaction. Its inverse has the old images of all
 * rows that changed, also of those that garbage collection deleted or that lost weak
 * references. The number, the age and the bytes of the entries are limited; the oldest
 * are removed. Ephemeral changes are kept in memory only, within a limit. Two features
 * use the history: monitor_cond_since, and undo (docs/decisions/0008-history.md).
 *
 * A database without a store (a replica, `_Server`) has no history: its ids are zeros. */
#ifndef OVSDB_HISTORY_H
#define OVSDB_HISTORY_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/database.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

struct history_limits {
	size_t max_entries;
	int64_t max_age_s; /* 0: no limit */
	size_t max_bytes;  /* of all entries; an inverse above a quarter is not kept */
};
/* In addition the entries may take half of the size of the rows in the file; the newest
 * few are kept in any case. */
extern const struct history_limits history_default_limits;
/* max_entries 0 turns the history off. Takes effect with the next commit. */
void history_set_limits(struct db *db, const struct history_limits *limits);

/* True if the entry that a commit of 't' would write has an inverse, so that it can be
 * undone. For a validator: it is the whole work of an entry. */
bool history_can_keep(const struct txn *t);
/* Entries from 'serial' on are kept, whatever the limits; 0: none is. Not in the file. */
void history_keep_from(struct db *db, int64_t serial);

/* The id of the database's state, which each commit changes, also an ephemeral one; zeros
 * without a history. The id of an ephemeral commit has the first 64 bits of the last
 * persistent one's, so that the state can be found even after a restart. */
const struct uuid *history_last_id(const struct db *db);

struct history_entry {
	int64_t serial; /* increases by 1; never used twice in a file */
	struct uuid id;
	int64_t time_ms;  /* since 1970, UTC */
	int64_t uid, pid; /* as in txn_origin */
	/* NULL if unknown. The command of this process's own transactions is its name. */
	char *command, *subject, *comment;
	size_t n_rows;    /* changed by it */
	bool is_undoable; /* false if its inverse, or a later one, was not kept */
	/* The changes: {TABLE: {UUID: {"insert": row} | {"modify": {column: [old, new]}}
	 * | {"delete": row}}}. Persistent columns only; rows without columns that have
	 * their type's default. NULL if it is not undoable, the changes were not
	 * requested, or were too long. Owned by the entry. */
	struct json_object *changes;
};
/* The last 'max' entries before 'before_serial' (0: of all), the newest first. Owned by
 * the caller: history_entries_free(). ERR_IO, ERR_DAMAGED. */
struct err *history_read(const struct db *db, int64_t before_serial, size_t max,
			 bool with_changes, struct history_entry **ret_entries,
			 size_t *ret_n) MUST_CHECK;
void history_entries_free(struct history_entry *entries, size_t n);

/* The same in parts, for a server: commits may happen between the calls. The new values
 * of an entry's changes follow from all later entries, so a reader goes from newer
 * entries to older ones and does not read any twice. */
struct history_reader;
struct history_page {
	int64_t before_serial; /* 0: from the end */
	size_t max_entries;
	/* About, of all entries as JSON; a single entry may be longer. */
	size_t max_bytes;
	/* Of one entry: longer changes are left out. */
	size_t max_changes_bytes;
};
struct history_reader *history_reader_new(const struct db *db, bool with_changes)
	__attribute__((warn_unused_result));
void history_reader_free(struct history_reader *r); /* accepts NULL */
/* Begins a page. False if this reader is beyond the page, or has other changes. */
bool history_reader_begin_page(struct history_reader *r, const struct history_page *page,
			       bool with_changes) MUST_CHECK;
/* Reads at least one entry, until the page is full or clock_now_ms() is 'end_ms'. After an
 * error the reader can only be freed. Errors as history_read(). */
struct err *history_reader_go_on(struct history_reader *r, int64_t end_ms,
				 bool *ret_done) MUST_CHECK;
/* The page's entries, owned by the caller. */
void history_reader_take(struct history_reader *r, struct history_entry **ret_entries,
			 size_t *ret_n);
/* To be called after every commit while there is a reader. */
void history_reader_note(struct history_reader *r, const struct txn *t);
/* {"serial", "id", "time", "uid", "pid", "command", "subject", "comment", "rows",
 * "undoable", "changes"} as in docs/methods.md. Owned by the caller. */
struct json_object *history_entry_to_json(const struct history_entry *e);

/* The rows after transaction 'id' that differ from now: the images of the entries since,
 * the oldest image of each row. */
struct history_view;
enum history_reach {
	HISTORY_UNKNOWN,    /* the id is unknown, or too old */
	HISTORY_PERSISTENT, /* without the ephemeral columns: there was a restart */
	HISTORY_WHOLE,
};
/* '*ret_view' is NULL if HISTORY_UNKNOWN. It is valid until the next commit. After an
 * error (ERR_IO, ERR_DAMAGED) '*ret_reach' is HISTORY_UNKNOWN, with which a client can be
 * answered. */
struct err *history_view_since(const struct db *db, const struct uuid *id,
			       enum history_reach *ret_reach,
			       struct history_view **ret_view) MUST_CHECK;
void history_view_free(struct history_view *v); /* accepts NULL */
/* A row that was inserted, changed or deleted since. */
struct history_image {
	const struct table_schema *table;
	struct uuid uuid;
	bool existed; /* then; if not, 'old' is all NULL */
	/* By column: its value then; NULL: as now. All are set if the row was deleted
	 * since; if HISTORY_PERSISTENT, ephemeral ones to their default. */
	const struct datum *const *old;
};
/* Begin with *cursor = NULL; false after the last. The image is borrowed from 'v'. */
bool history_view_next(const struct history_view *v, void **cursor,
		       struct history_image *ret_image);

/* What an undo leaves as it is: a column, such as a counter, or a whole table. */
struct history_except {
	const char *table, *column; /* 'column' NULL: all rows of the table */
};
/* Why a revert is ERR_BUSY: this column, or this row, has changed since. */
struct history_obstacle {
	const struct table_schema *table;
	struct uuid uuid;
	const struct column_schema *column; /* NULL: the row was inserted or deleted */
};
/* Fills 't', any transaction on a database of the same schema, with the inverse of an
 * entry's changes: deleted rows are inserted under their UUIDs, inserted rows are
 * deleted, columns get their old values. ERR_BUSY, with table, row and column, if a value
 * is no longer the one that the entry wrote; '*ret_obstacle' (may be NULL) is then set.
 * The caller commits. */
struct err *history_revert(struct txn *t, const struct json_object *changes,
			   const struct history_except *except, size_t n_except,
			   struct history_obstacle *ret_obstacle) MUST_CHECK;
/* The same for entry 'serial' of the database of 't'. ERR_NOT_FOUND; ERR_UNSUPPORTED if
 * the entry is not undoable. */
struct err *history_undo(struct txn *t, int64_t serial,
			 const struct history_except *except, size_t n_except) MUST_CHECK;

#endif
