/* The history's table in the file, `_history`: an SQL row for each entry. This is how
 * entries are written, read and pruned; history/history.h has their meaning. For the
 * files of history/ and store/. */
#ifndef OVSDB_STORE_HISTORY_H
#define OVSDB_STORE_HISTORY_H 1

#include "ovsdb-lite/store/store.h"

#include <stddef.h>
#include <stdint.h>

/* Makes the table if it is missing. Within a transaction or without. ERR_IO, as all
 * here. */
struct err *store_history_make(struct store *s) MUST_CHECK;
/* Within a transaction of the caller: deletes the history, so that nothing before can be
 * undone any more. If there was any, one entry without an inverse remains: its comment
 * has the reason, and the serials continue after it. */
struct err *store_history_clear(struct store *s, const char *comment) MUST_CHECK;
/* The same without an end: the history goes on, with an entry that changes no row. */
struct err *store_history_mark(struct store *s, const char *comment) MUST_CHECK;

/* As in the file; strings are NULL if there is no value. */
struct store_history_entry {
	int64_t serial;
	struct uuid id;
	int64_t time_ms;
	int64_t uid, pid;
	const char *command, *subject, *comment;
	size_t n_rows;
	size_t n_bytes;      /* about its size in the file */
	bool has_inverse;    /* set by reading */
	const char *inverse; /* NULL if it was not kept, or was not read */
	size_t n_inverse;
};

/* Both within a transaction of the caller. */
struct err *store_history_append(struct store *s,
				 const struct store_history_entry *e) MUST_CHECK;
struct err *store_history_delete_before(struct store *s, int64_t serial) MUST_CHECK;

/* A cursor: from the newest entry below 'before_serial' on; or from the oldest on, with
 * serial, time and size only. The entry's strings are borrowed until the next call.
 * Nothing may be written while a cursor is open. ERR_DAMAGED, ERR_IO. */
struct store_history_cursor;
struct err *store_history_open(const struct store *s, int64_t before_serial,
			       bool with_inverse,
			       struct store_history_cursor **ret_cursor) MUST_CHECK;
struct err *
store_history_open_oldest(const struct store *s,
			  struct store_history_cursor **ret_cursor) MUST_CHECK;
/* '*ret_found' false: there are no more entries. */
struct err *store_history_next(struct store_history_cursor *c, bool *ret_found,
			       struct store_history_entry *ret_entry) MUST_CHECK;
void store_history_close(struct store_history_cursor *c); /* accepts NULL */
void store_history_closep(struct store_history_cursor **c);

/* The serial of the entry whose id has the same first 64 bits; 0 if there is none. */
struct err *store_history_find(const struct store *s, const struct uuid *id,
			       int64_t *ret_serial) MUST_CHECK;

/* About all entries. */
struct store_history_sum {
	size_t n_entries, n_bytes;
	int64_t last_serial; /* 0, and zeros below, if there is no entry */
	struct uuid last_id;
	int64_t oldest_time_ms;
};
struct err *store_history_sum(const struct store *s,
			      struct store_history_sum *ret_sum) MUST_CHECK;
/* The size of all tables in the file, without free pages. */
struct err *store_used_bytes(const struct store *s, size_t *ret_bytes) MUST_CHECK;

#endif
