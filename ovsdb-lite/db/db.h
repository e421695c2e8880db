/* A database and its file: opening, committing, syncs and checkpoints, conversion. The
 * store makes commits durable; a replica has none. rows/database.h reads a database,
 * rows/txn.h changes it. */
#ifndef OVSDB_DB_H
#define OVSDB_DB_H 1

#include "ovsdb-lite/rows/database.h"
#include "ovsdb-lite/rows/txn.h"

/* Opens 'path'. If it does not exist: makes it with 'schema_if_missing', or ERR_NOT_FOUND
 * if that is NULL. ERR_BUSY if another process owns the file: the message has its pid.
 * ERR_DAMAGED if the file, or a row, is damaged. A file whose schema has an older version
 * than 'schema_if_missing' is copied to PATH.backup-VERSION and converted;
 * ERR_UNSUPPORTED for a newer version, or another schema. Borrows 'schema_if_missing'. */
struct err *db_open(const char *path, const struct schema *schema_if_missing,
		    struct db **ret_db) MUST_CHECK;
/* Read-only: needs no lock and no permission to write, works while another process owns
 * the file, and has the rows committed at this moment. Commits on it fail with ERR_IO. */
struct err *db_open_read_only(const char *path, struct db **ret_db) MUST_CHECK;
/* A database without a store. Takes 'schema'. */
struct db *db_new_in_memory(struct schema *schema);
void db_close(struct db *db); /* accepts NULL */

const char *db_path(const struct db *db); /* NULL without a store */
/* A UUID made with the file and stored in it; without a store made by
 * db_new_in_memory(). */
const struct uuid *db_identity(const struct db *db);
/* True if this db_open() made the file. */
bool db_is_new(const struct db *db);
/* Writes into the file's lock where this process serves the database, as clients write it
 * ("unix:/run/ipvl/db.sock"): the ERR_BUSY of other processes names it. Does nothing
 * without a store. */
void db_advertise(struct db *db, const char *remote);
/* Commits 't' by the named passes: reference counts, garbage collection, maxRows, weak
 * references, indexes, validator, store, memory, observers. After an error nothing has
 * changed: ERR_REFERENTIAL, ERR_CONSTRAINT, ERR_RESOURCES, ERR_IO, or the validator's.
 * After it 't' can only be freed. Does not sync: db_sync() does, once for any number of
 * commits. Not from an observer. */
struct err *db_commit(struct txn *t) MUST_CHECK;
/* Runs the passes up to the validator only, with the result of db_commit(). After it 't'
 * also has their changes (rows deleted, weak references dropped); it may be read, then
 * committed or freed. */
struct err *db_commit_check(struct txn *t) MUST_CHECK;
/* For a replica of another database (replica.h), whose rows were checked there and come
 * in parts: memory and observers only. Such a database has no counts of references;
 * db_commit() and db_commit_check() must not be used on it any more. */
struct err *db_commit_replicated(struct txn *t) MUST_CHECK;

/* A turn: its commits are one transaction of the file, which is much less work, and fails
 * as a whole. Between begin and end db_commit() changes the memory and calls the observers
 * as ever, but the file has all of it, or nothing, when the turn ends: nobody outside the
 * process may be sent any of it before. If db_turn_end() returns an error, the memory is
 * as it was when the turn began; observers have seen the undoing as commits. A commit that
 * the file refuses within a turn makes the whole turn fail. Of a database with a store, and
 * without syncs, checkpoints, copies and conversions until the end. */
void db_turn_begin(struct db *db);
struct err *db_turn_end(struct db *db) MUST_CHECK;
bool db_turn_is_open(const struct db *db);

/* More transactions are to come within milliseconds: each costs six system calls less, and
 * another program that writes to the file meanwhile finds it locked. To be set back soon. */
void db_set_busy(struct db *db, bool is_busy);

/* All commits so far survive power loss when this returns. Blocks. ERR_IO. No sync task
 * (below) may exist. */
struct err *db_sync(struct db *db) MUST_CHECK;

/* Slow work on the file, to be run in another thread while the owner continues: the owner
 * makes a task, db_task_run() runs it, and the owner finishes it. At most one task of
 * each kind exists at a time; the database must not be closed meanwhile. The two kinds do
 * not wait for each other: in one thread, syncs would wait for checkpoints. */
struct db_task;
/* A sync of all commits so far, without those made while it runs; NULL if there is
 * nothing to sync. After a failed sync, here or in a checkpoint, ERR_IO at once, as every
 * commit, until the file is opened again. */
struct err *db_sync_task(struct db *db, struct db_task **ret_task) MUST_CHECK;
/* Moves the log into the file; NULL if this is not due, or such a task exists. To be
 * called after commits. After the first call commits no longer make checkpoints by
 * themselves. */
struct db_task *db_checkpoint_task(struct db *db) __attribute__((warn_unused_result));
/* The same to an end: the log takes no space afterwards, unless there are commits
 * meanwhile. NULL if it is short. To be called when nothing is to be committed soon. */
struct db_task *db_shorten_task(struct db *db) __attribute__((warn_unused_result));
void db_task_run(struct db_task *t); /* from any thread; blocks */
/* From the owner's thread; takes 't'. The error of a sync must be sent with every reply
 * that waits for it; that of a checkpoint is for the log: it is repeated, nothing is
 * lost. */
struct err *db_task_finish(struct db_task *t) MUST_CHECK;

/* Converts the database to another schema (ovsdb-server(5) "convert"): columns keep their
 * values by name, new ones get their default, the history is deleted. All or nothing:
 * ERR_CONSTRAINT, ERR_REFERENTIAL… name the table, row and column that do not fit. After
 * it all pointers to tables, rows and columns of 'db' are invalid. Observers stay and are
 * not called; no txn may be open. Copies 'schema'. */
struct err *db_convert(struct db *db, const struct schema *schema) MUST_CHECK;
/* Copies the whole database to the file 'path', which must not exist (ERR_EXISTS).
 * ERR_IO. */
struct err *db_backup(const struct db *db, const char *path) MUST_CHECK;
/* Reduces the file to its smallest size. Blocks. ERR_IO. */
struct err *db_compact(struct db *db) MUST_CHECK;

#endif
