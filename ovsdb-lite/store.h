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
#include "ovsdb-lite/datum.h"
#include "ovsdb-lite/schema.h"
#include "ovsdb-lite/uuid.h"

#include <stdbool.h>

struct db_task;
struct store;

/* See db_open(). The owner's lock is a file beside it, PATH.lock, held by flock(2), with
 * pid inside. PATH.id keeps a copy of the identity: a new database takes the one that
 * stands there. The folder is made if it is missing. ERR_IO if something cannot be
 * written; ERR_UNSUPPORTED for another schema. */
struct err *store_open(const char *path, const struct schema *schema_if_missing,
		       struct store **ret_store) MUST_CHECK;
void store_close(struct store *s); /* accepts NULL */

const struct schema *
store_schema(const struct store *s); /* borrowed; lives as long as 's' */
const struct uuid *store_identity(const struct store *s);
bool store_is_new(const struct store *s);
/* False for a table whose columns are all ephemeral: its rows are in memory only, and
 * gone with the process. One that a persistent column refers to strongly is kept
 * nevertheless, as bare UUIDs. */
bool store_keeps_table(const struct schema *schema, const struct table_schema *t);

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

/* See db.h: db_sync(), db_sync_task(), db_checkpoint_task(). */
struct err *store_sync(struct store *s) MUST_CHECK;
struct err *store_sync_task(struct store *s, struct db_task **ret_task) MUST_CHECK;
struct db_task *store_checkpoint_task(struct store *s)
	__attribute__((warn_unused_result));

#endif
