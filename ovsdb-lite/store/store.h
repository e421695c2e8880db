/* The SQLite file of a database.
 *
 * Each OVSDB table is an SQL table: _uuid (TEXT, primary key), and a column for each one
 * that is not ephemeral; scalars and optional scalars native (NULL if empty), sets and
 * maps as JSON text. Tables whose names begin with an underscore hold the schema, the
 * identity and the history. WAL, synchronous=NORMAL: commits survive kill -9,
 * store_sync() makes them survive power loss (sqlite.org/wal.html). */
#ifndef OVSDB_STORE_H
#define OVSDB_STORE_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>

struct db_task;
struct store;

/* See db_open(). The owner's lock is the file PATH.lock, held by flock(2), which contains
 * its pid. PATH.id has a copy of the identity: a new database takes it from there. Makes
 * the folder if it is missing. ERR_IO if something cannot be written; ERR_UNSUPPORTED for
 * another schema. A file with an older version of the schema is opened as it is. */
struct err *store_open(const char *path, const struct schema *schema_if_missing,
		       struct store **ret_store) MUST_CHECK;
/* See db_open_read_only(). All reads show the file as it is now. */
struct err *store_open_read_only(const char *path, struct store **ret_store) MUST_CHECK;
void store_close(struct store *s); /* accepts NULL */

/* Borrowed from 's', until store_convert_commit(). */
const struct schema *store_schema(const struct store *s);
const struct uuid *store_identity(const struct store *s);
bool store_is_new(const struct store *s); /* store_open() made the file */
bool store_is_read_only(const struct store *s);
/* Writes the remote where this process serves the database ("unix:/x") into the lock. */
void store_advertise(const struct store *s, const char *remote);

/* Calls 'fn' for each row of 't'; fields[i] is the value of t->columns[i] and is taken by
 * 'fn' (ephemeral columns have their default). ERR_DAMAGED, ERR_IO, or the error of
 * 'fn'. */
typedef struct err *store_row_fn(void *aux, const struct table_schema *t,
				 const struct uuid *uuid, struct datum *fields);
struct err *store_load(struct store *s, const struct table_schema *t, store_row_fn *fn,
		       void *aux) MUST_CHECK;

/* No transaction may be open. ERR_IO also if the store is read-only or broken. */
struct err *store_begin(struct store *s) MUST_CHECK;
/* Within a transaction. 'fields[i]' NULL: the column did not change (update only);
 * ephemeral columns are ignored. ERR_IO. */
struct err *store_insert(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid,
			 const struct datum *const *fields) MUST_CHECK;
struct err *store_update(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid,
			 const struct datum *const *fields) MUST_CHECK;
struct err *store_delete(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid) MUST_CHECK;
/* ERR_IO (disk full, with the reason); after an error the transaction is rolled back. */
struct err *store_commit(struct store *s) MUST_CHECK;
void store_rollback(struct store *s); /* nothing if none is open */
/* While it is busy, the locks of a transaction are kept for the next, which saves most system
 * calls of a small one: another program that writes finds the file locked. */
void store_set_busy(struct store *s, bool is_busy);
/* On a full disk: releases the reserved space, so that a deletion may be tried once more;
 * false if there is none. */
bool store_reserve_use(struct store *s);
/* Moves the log into the file, and reserves the space again if possible. Blocks. */
void store_checkpoint(struct store *s);

/* Begins a transaction in which the file has the tables of 'schema', all empty, to be
 * filled by store_insert(). Borrows 'schema'. store_convert_commit() takes it and returns
 * the old one, which the caller then owns; if it fails, it has rolled back. */
struct err *store_convert_begin(struct store *s, struct schema *schema) MUST_CHECK;
struct err *store_convert_commit(struct store *s, struct schema **ret_old) MUST_CHECK;
void store_convert_rollback(struct store *s);

/* See db.h: db_backup(), db_compact(). */
struct err *store_backup(const struct store *s, const char *path) MUST_CHECK;
struct err *store_compact(struct store *s) MUST_CHECK;

/* See db.h: db_sync(), and the tasks. */
struct err *store_sync(struct store *s) MUST_CHECK;
struct err *store_sync_task(struct store *s, struct db_task **ret_task) MUST_CHECK;
struct db_task *store_checkpoint_task(struct store *s)
	__attribute__((warn_unused_result));
struct db_task *store_shorten_task(struct store *s) __attribute__((warn_unused_result));
void store_task_run(struct db_task *t);
struct err *store_task_finish(struct db_task *t) MUST_CHECK;

#endif
