/* The inside of the history, for history/; and the calls from opening and commits
 * (db/). */
#ifndef OVSDB_HISTORY_PRIVATE_H
#define OVSDB_HISTORY_PRIVATE_H 1

#include "lib/buffer.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/rows/database_private.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/store/store_history.h"

/* A commit of this process. */
struct history_recent {
	struct uuid id;
	int64_t serial; /* of its entry in the file; 0 if it was ephemeral */
	char *inverse;  /* of its ephemeral columns; NULL if none changed */
	size_t n_inverse;
};

/* How many commits are in memory, and how many bytes of their inverses. */
#define HISTORY_MAX_RECENT       1024
#define HISTORY_MAX_RECENT_BYTES ((size_t)1 << 20)

struct history {
	struct history_limits limits;
	struct store_history_sum sum;     /* of the entries in the file */
	struct store_history_sum pending; /* 'sum' after the commit in progress */
	size_t share_bytes;               /* the limit by the size of the rows */
	int64_t keep_from;                /* history_keep_from() */
	bool has_ended; /* turned off, and the file has an entry for it */
	struct uuid last_id;
	uint64_t n_remembered; /* ever */
	/* A ring, the oldest at 'first'. */
	struct history_recent *recent;
	size_t first, n_recent, recent_bytes;
};

/* After the rows were loaded. Sets db->history; nothing without a store. */
struct err *history_open(struct db *db) MUST_CHECK;
void history_close(struct db *db);
/* Writes the entry of 't', within the SQLite transaction that writes its persistent
 * changes; history_advance() makes it the last one after the commit. */
struct err *history_write(struct db *db, const struct txn *t) MUST_CHECK;
void history_advance(struct db *db, const struct txn *t, bool is_persistent);

/* A place in the history to which it can return, when the commits since then were undone
 * and the file has none of them. */
struct history_mark {
	struct store_history_sum sum;
	size_t share_bytes;
	bool has_ended;
	struct uuid last_id;
	uint64_t n_remembered;
};
struct history_mark history_mark(const struct db *db);
void history_return(struct db *db, const struct history_mark *m);

/* Commit number 'i' of those in memory; 0 is the oldest. */
const struct history_recent *history_recent_at(const struct history *h, size_t i);

/* history_inverse.c: the old images of a transaction's rows, {TABLE: {UUID: IMAGE}}.
 * IMAGE is "inserted", {"changed": row} with the columns that changed, or {"deleted":
 * row} with those that were not at their type's default.
 *
 * The file gets the persistent columns of tables that are stored, the memory gets the
 * rest: ephemeral columns, and tables that have no others. */
enum history_part { HISTORY_FILE, HISTORY_MEMORY };
/* Appends the text to 'b' and returns the number of its rows; appends nothing if that is
 * 0. May stop as soon as the text is longer than 'max_bytes': it is not complete then. */
size_t history_write_inverse(struct buffer *b, const struct txn *t,
			     enum history_part part, size_t max_bytes);
bool history_part_has(enum history_part part, const struct table *t,
		      const struct column_schema *c);

/* history_view.c */
struct history_view_row {
	struct history_view_key {
		const struct table *table;
		struct uuid uuid;
	} key;
	bool existed;
	struct datum *values;     /* one for each column; NULL until one is set */
	const struct datum **old; /* into 'values' */
	UT_hash_handle hh;
};

struct history_view {
	const struct db *db;
	struct history_view_row *rows;
	const struct datum **nothing; /* the 'old' of rows that did not exist */
};

struct history_view *history_view_new(const struct db *db)
	__attribute__((warn_unused_result));
/* Goes one commit back: 'inverse' is of the commit before those folded already.
 * ERR_DAMAGED. */
struct err *history_view_fold(struct history_view *v, enum history_part part,
			      const struct json_object *inverse) MUST_CHECK;
/* After a commit of 't': keeps the old persistent values of its rows in the view, which
 * would otherwise take the new ones from the rows. */
void history_view_note(struct history_view *v, const struct txn *t);
/* Drops what does not differ from now; to be called once, after the last fold. */
void history_view_settle(struct history_view *v);
/* The value in the view; NULL if the row did not exist. */
const struct datum *history_view_get(const struct history_view *v, const struct table *t,
				     const struct uuid *uuid,
				     const struct column_schema *c);
/* Parses the text of an inverse. ERR_DAMAGED. */
struct err *history_parse(const struct db *db, const char *text, size_t n,
			  struct json_object **ret_inverse) MUST_CHECK;
/* The error for a bad inverse. Takes 'cause'. */
struct err *history_damaged(const struct db *db, struct err *cause) MUST_CHECK;

#endif
