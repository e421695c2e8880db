/* A database and its file: opening, committing, syncs and checkpoints, conversion. The
 * store makes commits durable; a replica and a test have none. rows/database.h reads it,
 * rows/txn.h changes it. */
#ifndef OVSDB_DB_H
#define OVSDB_DB_H 1

#include "ovsdb-lite/rows/database.h"
#include "ovsdb-lite/rows/txn.h"

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

const char *db_path(const struct db *db); /* NULL without a store */
/* A UUID made with the file and kept in it; the process's own without a store. */
const struct uuid *db_identity(const struct db *db);
/* True if this db_open() made the file. */
bool db_is_new(const struct db *db);
/* Tells those who find the file taken whom to ask instead: 'remote' is where this process
 * serves it, as a client writes it ("unix:/run/ipvl/db.sock"). Nothing without a store.
 */
void db_advertise(struct db *db, const char *remote);
/* Commits 't' by the named passes: reference counts, garbage collection, maxRows, weak
 * references, indexes, validator, store, memory, observers. On error nothing was changed
 * anywhere. Afterwards 't' can only be freed. Does not sync: db_sync() does, once for any
 * number of commits. */
struct err *db_commit(struct txn *t) MUST_CHECK;
/* The passes up to and including the validator, without a change: the result that
 * db_commit() would have. Afterwards 't' also shows what they did (rows collected, weak
 * references dropped); it may be read, then committed or freed. */
struct err *db_commit_check(struct txn *t) MUST_CHECK;
/* For a database that mirrors another (replica.h), whose rows come checked and in pieces:
 * memory and observers only. Such a database keeps no count of references and takes no
 * db_commit() or db_commit_check() any more. */
struct err *db_commit_replicated(struct txn *t) MUST_CHECK;

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
/* A copy of the whole file as of now, complete in itself, to 'path', which must not exist
 * (ERR_EXISTS). */
struct err *db_backup(const struct db *db, const char *path) MUST_CHECK;
/* Makes the file as small as its data allow. Blocks. */
struct err *db_compact(struct db *db) MUST_CHECK;

#endif
