/* The history's table in the file, `_history`: one SQL row for each entry. What an entry
 * means is history.h's; this is how it is written, read and pruned, for history*.c and
 * store*.c. */
#ifndef OVSDB_STORE_HISTORY_H
#define OVSDB_STORE_HISTORY_H 1

#include "ovsdb-lite/store/store.h"

#include <stddef.h>
#include <stdint.h>

/* Makes the table where it is missing. In a transaction of the caller's, or alone. */
struct err *store_history_make(struct store *s) MUST_CHECK;
/* Ends the history, in a transaction of the caller's: nothing before it can be read back
 * or undone any more. Where there was any, an entry without an inverse remains, whose
 * comment says why, and which keeps the serials going up. */
struct err *store_history_clear(struct store *s, const char *comment) MUST_CHECK;

/* As in the file; strings are NULL where there is nothing to say. */
struct store_history_entry {
	int64_t serial;
	struct uuid id;
	int64_t time_ms;
	int64_t uid, pid;
	const char *command, *subject, *comment;
	size_t n_rows;
	size_t n_bytes;      /* about what the entry takes in the file */
	bool has_inverse;    /* when read */
	const char *inverse; /* NULL if it was not kept, or is not read */
	size_t n_inverse;
};

/* In a transaction of the caller's, as all that writes here. */
struct err *store_history_append(struct store *s,
				 const struct store_history_entry *e) MUST_CHECK;
struct err *store_history_delete_before(struct store *s, int64_t serial) MUST_CHECK;

/* The newest first, beginning below 'before_serial'; or the oldest first, serial, time
 * and size alone. The entry's strings are borrowed until the next call. Between the first
 * and the last call nothing may be written. */
struct store_history_cursor;
struct err *store_history_open(const struct store *s, int64_t before_serial,
			       bool with_inverse,
			       struct store_history_cursor **ret_cursor) MUST_CHECK;
struct err *
store_history_open_oldest(const struct store *s,
			  struct store_history_cursor **ret_cursor) MUST_CHECK;
/* '*ret_found' false: there are no more. */
struct err *store_history_next(struct store_history_cursor *c, bool *ret_found,
			       struct store_history_entry *ret_entry) MUST_CHECK;
void store_history_close(struct store_history_cursor *c); /* accepts NULL */
void store_history_closep(struct store_history_cursor **c);

/* The serial of the entry whose id has the same first 64 bits; 0 if there is none. */
struct err *store_history_find(const struct store *s, const struct uuid *id,
			       int64_t *ret_serial) MUST_CHECK;

/* Of all entries. */
struct store_history_sum {
	size_t n_entries, n_bytes;
	int64_t last_serial; /* 0 and zeros where there is none */
	struct uuid last_id;
	int64_t oldest_time_ms;
};
struct err *store_history_sum(const struct store *s,
			      struct store_history_sum *ret_sum) MUST_CHECK;
/* What all tables take in the file, without the pages that are free. */
struct err *store_used_bytes(const struct store *s, size_t *ret_bytes) MUST_CHECK;

#endif
