/* A database in memory: tables of rows, as the last commit left them, with a store below
 * it that makes commits durable (or none: a replica, a test).
 *
 * Readers borrow rows and data until the next commit. A row's address is stable from the
 * commit that inserts it to the one that deletes it. Everything written goes through a
 * txn (txn.h). */
#ifndef OVSDB_DB_H
#define OVSDB_DB_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct row;
struct table;
struct txn;

/* Opens 'path'. If it does not exist: made with 'schema_if_missing', or ERR_NOT_FOUND
 * where that is NULL. ERR_BUSY if another process owns the file: the message names its
 * pid. ERR_DAMAGED if the integrity check fails. A file whose schema has an older version
 * than 'schema_if_missing' is copied to PATH.backup-VERSION and converted; a newer one,
 * or one of another name, is refused with a clear sentence. Borrows 'schema_if_missing'.
 */
struct err *db_open(const char *path, const struct schema *schema_if_missing,
		    struct db **ret_db) MUST_CHECK;
/* For looking only: needs no lock and no right to write, works beside the owner, and sees
 * what was committed when it was opened. Transactions on it are refused with ERR_IO. */
struct err *db_open_read_only(const char *path, struct db **ret_db) MUST_CHECK;
/* A database without a store. Takes 'schema'. */
struct db *db_new_in_memory(struct schema *schema);
void db_close(struct db *db); /* accepts NULL */

const struct schema *db_schema(const struct db *db);
const char *db_name(const struct db *db); /* the schema's name */
const char *db_path(const struct db *db); /* NULL without a store */
/* A UUID made with the file and kept in it; the process's own without a store. */
const struct uuid *db_identity(const struct db *db);
/* True if this db_open() made the file. */
bool db_is_new(const struct db *db);
/* Tells those who find the file taken whom to ask instead: 'remote' is where this process
 * serves it, as a client writes it ("unix:/run/ipvl/db.sock"). Nothing without a store.
 */
void db_tell_socket(struct db *db, const char *remote);
/* Everything committed so far survives power loss when this returns. Blocks; no sync task
 * (below) may be out. */
struct err *db_sync(struct db *db) MUST_CHECK;

/* Work on the file that takes its time, to be run in another thread while the owner goes
 * on: it makes the task, db_task_run() runs it, and the owner finishes it. At most one
 * task of each kind is out at a time; the database must not be closed meanwhile. The two
 * kinds do not wait for each other: give them threads of their own, or durable replies
 * wait for checkpoints. */
struct db_task;
/* A sync of everything committed so far, and of nothing that comes while it runs; NULL if
 * there is nothing to sync. After a sync that failed, here or in a checkpoint, ERR_IO at
 * once, as every commit, until the file is opened anew. */
struct err *db_sync_task(struct db *db, struct db_task **ret_task) MUST_CHECK;
/* Moves the log into the file; NULL while it is not due, or out. Ask after commits. Once
 * this was asked, commits no longer do it by themselves. */
struct db_task *db_checkpoint_task(struct db *db) __attribute__((warn_unused_result));
void db_task_run(struct db_task *t); /* from any thread; blocks */
/* From the owner's thread; takes 't'. What became of it: of a sync, the error that every
 * durable reply waiting for it must carry; of a checkpoint, one for the log (it will be
 * tried again, and nothing is lost). */
struct err *db_task_finish(struct db_task *t) MUST_CHECK;

/* Gives the file another schema, with the data that fit (ovsdb-server(5) "convert"):
 * columns persist by name, new ones get their default, the history ends. Either all of it
 * or nothing: ERR_CONSTRAINT, ERR_REFERENTIAL… name the table, row and column that do not
 * fit. After it every pointer to a table, row or column of 'db' is void. Observers stay
 * and are not told; no txn may be open. Copies 'schema'. */
struct err *db_convert(struct db *db, const struct schema *schema) MUST_CHECK;
/* Called from within it when nothing can fail any more, while the pointers still hold.
 * One for each db; NULL: none. It must not commit. */
typedef void db_converting_fn(void *aux);
void db_on_converting(struct db *db, db_converting_fn *fn, void *aux);
/* A copy of the whole file as of now, complete in itself, to 'path', which must not exist
 * (ERR_EXISTS). */
struct err *db_backup(const struct db *db, const char *path) MUST_CHECK;
/* Makes the file as small as its data allow. Blocks. */
struct err *db_compact(struct db *db) MUST_CHECK;

struct table *db_table(const struct db *db, const char *name); /* NULL if there is none */
struct table *db_table_at(const struct db *db, unsigned int table_index);

const struct table_schema *table_schema(const struct table *t);
size_t table_count(const struct table *t);
struct row *table_find(const struct table *t,
		       const struct uuid *uuid); /* NULL if none; O(1) */
struct row *table_first(const struct table *t);
struct row *table_next(const struct table *t, const struct row *r);
#define TABLE_FOR_EACH(r, t) for (struct row *r = table_first(t); r; r = table_next(t, r))
/* The row whose index number 'index' (in table_schema.indexes) has the data 'key[]', one
 * for each of the index's columns in the schema's order. NULL if none; O(1). */
struct row *table_find_by_index(const struct table *t, size_t index,
				const struct datum *key);

const struct uuid *row_uuid(const struct row *r);
const struct uuid *row_version(const struct row *r);
struct table *row_table(const struct row *r);
/* The committed value. */
const struct datum *row_get(const struct row *r, const struct column_schema *c);

/* Where a transaction comes from; the validator and the history want to know. */
struct txn_origin {
	bool internal;       /* this process itself: may write status columns */
	int64_t uid, pid;    /* -1 if unknown */
	const char *command; /* its command line, shortened; NULL if unknown */
	const char *subject; /* of a remote client: its certificate's common name, else
			      * its address; NULL if local */
};

/* Asked after integrity, before anything is written: may refuse the whole transaction.
 * Any error code; ERR_CONSTRAINT and ERR_PERMISSION are usual. One for each db. */
typedef struct err *db_validator_fn(void *aux, const struct txn *txn);
void db_set_validator(struct db *db, db_validator_fn *fn, void *aux);

/* Told after every commit that changed something, while the txn still knows old and new.
 * An observer must not commit; it remembers what to do and does it from the loop. */
typedef void db_observer_fn(void *aux, const struct txn *txn);
struct db_observer;
struct db_observer *db_observe(struct db *db, db_observer_fn *fn, void *aux) MUST_CHECK;
void db_unobserve(struct db_observer *o); /* accepts NULL */

#endif
