/* The SQLite file below a database: the only user of sqlite3.h.
 *
 * One SQL table for each OVSDB table: _uuid (TEXT, primary key) and one ordinary column
 * for each that is not ephemeral; scalars and optional scalars native (NULL if empty),
 * sets and maps as JSON text. Meta data (the schema, the identity) in tables whose names
 * begin with an underscore. WAL, synchronous=NORMAL: store_commit() survives kill -9,
 * store_sync() power loss (sqlite.org/wal.html). */
#ifndef OVSDB_STORE_H
#define OVSDB_STORE_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>

struct db_task;
struct store;

/* See db_open(). The owner's lock is a file beside it, PATH.lock, held by flock(2), with
 * pid inside. PATH.id keeps a copy of the identity: a new database takes the one that
 * stands there. The folder is made if it is missing. ERR_IO if something cannot be
 * written; ERR_UNSUPPORTED for another schema. One of an older version is opened as it
 * is. */
struct err *store_open(const char *path, const struct schema *schema_if_missing,
		       struct store **ret_store) MUST_CHECK;
/* See db_open_read_only(). What it reads is as it was at this moment. */
struct err *store_open_read_only(const char *path, struct store **ret_store) MUST_CHECK;
void store_close(struct store *s); /* accepts NULL */

const struct schema *
store_schema(const struct store *s); /* borrowed; lives as long as 's' */
const struct uuid *store_identity(const struct store *s);
bool store_is_new(const struct store *s);
bool store_is_read_only(const struct store *s);
/* Whom to ask for the database is written into the lock: a remote such as "unix:/x". */
void store_advertise(const struct store *s, const char *remote);

/* Calls 'fn' for each row of 't'; fields[i] belongs to t->columns[i] and is taken by 'fn'
 * (ephemeral ones hold their default). */
typedef struct err *store_row_fn(void *aux, const struct table_schema *t,
				 const struct uuid *uuid, struct datum *fields);
struct err *store_load(struct store *s, const struct table_schema *t, store_row_fn *fn,
		       void *aux) MUST_CHECK;

struct err *store_begin(struct store *s) MUST_CHECK;
/* 'fields[i]' NULL: that column did not change (update only). */
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
void store_rollback(struct store *s);
/* On a full disk: gives up the room that is kept for deletions, so that one may be tried
 * once more; false if there is none. */
bool store_reserve_use(struct store *s);
/* After it: moves the log into the file, and takes that room again if it can. */
void store_checkpoint(struct store *s);

/* Begins a transaction in which the file has the tables of 'schema', all empty, which
 * store_insert() fills. Borrows 'schema' until store_convert_commit() takes it and gives
 * back the old one, now the caller's, or the transaction is rolled back, which that does
 * too when it fails. */
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
void store_task_run(struct db_task *t);
struct err *store_task_finish(struct db_task *t) MUST_CHECK;

#endif
