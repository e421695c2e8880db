/* The inside of the history, for history*.c; and what db.c and db_commit.c tell it. */
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
	char *inverse;  /* of its ephemeral columns; NULL if there is nothing */
	size_t n_inverse;
};

/* How many commits are remembered with their ephemeral part, and how many bytes of it. */
#define HISTORY_MAX_RECENT       1024
#define HISTORY_MAX_RECENT_BYTES ((size_t)1 << 20)

struct history {
	struct history_limits limits;
	struct store_history_sum sum;     /* of the entries in the file */
	struct store_history_sum pending; /* if the transaction under way commits */
	size_t share_bytes;               /* what the size of the rows allows */
	bool has_ended;                   /* no history is kept, and the file says so */
	struct uuid last_id;
	/* A ring, the oldest at 'first'. */
	struct history_recent *recent;
	size_t first, n_recent, recent_bytes;
};

/* After the rows were loaded. Sets db->history; nothing without a store. */
struct err *history_open(struct db *db) MUST_CHECK;
void history_close(struct db *db);
/* Writes the entry of 't', in the SQLite transaction that writes its persistent changes;
 * then, when that and the memory are through, makes it the last. */
struct err *history_write(struct db *db, const struct txn *t) MUST_CHECK;
void history_advance(struct db *db, const struct txn *t, bool is_persistent);

/* Number 'i' of the remembered commits, 0 being the oldest. */
const struct history_recent *history_recent_at(const struct history *h, size_t i);

/* history_inverse.c: the old images of a transaction's rows, {TABLE: {UUID: IMAGE}}.
 * IMAGE is "inserted", {"changed": row} with the columns that changed, or {"deleted":
 * row} with those that were not at their type's default.
 *
 * The file gets the rows of tables that are stored, without their ephemeral columns, and
 * the memory the rest: ephemeral columns, and tables that have no others. */
enum history_part { HISTORY_FILE, HISTORY_MEMORY };
/* Appends the text to 'b' and returns the number of rows in it; nothing if that is 0. May
 * stop when the text is longer than 'max_bytes', whereupon it is none, but then longer.
 */
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
/* One step further back: 'inverse' is that of the commit before those folded already.
 * ERR_DAMAGED. */
struct err *history_view_fold(struct history_view *v, enum history_part part,
			      const struct json_object *inverse) MUST_CHECK;
/* 't' was committed, and the view stays what it was: what it took from the rows of today
 * is kept in it. The persistent columns only. */
void history_view_note(struct history_view *v, const struct txn *t);
/* Leaves only what differs from now: to be called once, after the last fold. */
void history_view_settle(struct history_view *v);
/* As the view has it; NULL if the row was not there. */
const struct datum *history_view_get(const struct history_view *v, const struct table *t,
				     const struct uuid *uuid,
				     const struct column_schema *c);
/* Of the text of an inverse. ERR_DAMAGED. */
struct err *history_parse(const struct db *db, const char *text, size_t n,
			  struct json_object **ret_inverse) MUST_CHECK;
/* The error of an inverse that is none. */
struct err *history_damaged(const struct db *db, struct err *cause) MUST_CHECK;

#endif
