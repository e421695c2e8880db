/* The inside of the store, for store*.c. */
#ifndef OVSDB_STORE_PRIVATE_H
#define OVSDB_STORE_PRIVATE_H 1

#include "ovsdb-lite/store/store.h"

#include <pthread.h>
#include <sqlite3.h>

/* The version of the file format, in _meta. */
#define STORE_FORMAT "2"

/* The size of a page that SQLite takes for new files. */
#define STORE_PAGE_BYTES 4096
/* What stands before each page in the log (sqlite.org/fileformat2.html#walformat). */
#define STORE_LOG_HEADER_BYTES 24

/* An UPDATE of some columns. */
struct store_update {
	sqlite3_stmt *stmt; /* NULL: none */
	bool *has_column;   /* for each of the table's */
};

#define STORE_N_UPDATES 8
_Static_assert(STORE_N_UPDATES > 0, "find_update() replaces the last one");

struct store_table {
	char *sql_name;     /* quoted */
	char **sql_columns; /* quoted; one for each column of the schema's table */
	sqlite3_stmt *insert, *delete;                /* NULL until first used */
	struct store_update updates[STORE_N_UPDATES]; /* most recently used first */
};

struct store {
	char *path;
	int lock_fd;
	sqlite3 *db;
	struct schema *schema;
	struct uuid identity;
	bool is_new;
	bool is_read_only;
	bool has_reserve; /* store_reserve.c */
	struct store_table *tables;
	/* NULL except during a conversion. */
	struct schema *old_schema;
	struct store_table *old_tables;
	sqlite3_stmt *begin, *commit, *append_history; /* NULL until first used */

	/* store_task.c. All but 'moving' are used by the owner's thread only. */
	pthread_mutex_t moving;       /* held during a checkpoint */
	sqlite3_file *log;            /* for syncs only */
	uint64_t n_commits, n_synced; /* commits made, and commits safe from power loss */
	/* A sync failed: the kernel may have dropped data, which no later sync writes. */
	bool is_broken;
	bool is_sync_out, is_checkpoint_out; /* a task of this kind exists */
	bool has_tasks;                      /* store_checkpoint_task() is in use */
	int n_log_pages;                     /* in the log after the last commit */
	int n_due_pages;                     /* after so many a checkpoint is due */
	int checkpoint_at;                   /* n_log_pages of the next checkpoint */
};

/* store_error.c. SQLite's error as an err; 'rc' is its extended result code. */
struct err *store_error(const struct store *s, int rc, const char *what) MUST_CHECK;
/* The same for another connection; 'reason' is used where 'sys_errno' is 0. */
struct err *store_error_because(const struct store *s, int rc, int sys_errno,
				const char *reason, const char *what) MUST_CHECK;
/* Marks the store as broken if 'rc', the result of any call of SQLite, is a failed
 * sync. */
void store_note_failure(struct store *s, int rc);
/* The error of every write to a broken store. */
struct err *store_broken(const struct store *s) MUST_CHECK;
/* Adds the advice for a failed sync. Takes 'e'. */
struct err *store_failed_sync(struct err *e) MUST_CHECK;

/* store.c */
struct err *store_run(struct store *s, const char *sql) MUST_CHECK;
/* ERR_IO if the store is read-only or broken. */
struct err *store_check_writable(const struct store *s) MUST_CHECK;
/* The first column of the first row as text, owned by the caller; NULL if there is none.
 */
struct err *store_read_text(struct store *s, const char *sql, char **ret_text) MUST_CHECK;

/* store_schema.c; for s->schema. */
struct err *store_make_meta(struct store *s) MUST_CHECK;
struct err *store_write_schema(struct store *s) MUST_CHECK;
struct err *store_make_tables(struct store *s) MUST_CHECK;
struct err *store_check_schema(const struct store *s,
			       const struct schema *wanted) MUST_CHECK;

/* store_rows.c */
void store_tables_init(struct store *s);
void store_tables_clear(struct store *s);

/* store_value.c: one datum in one SQL value. */
const char *store_value_type(const struct column_schema *c); /* for CREATE TABLE */
int store_value_bind(sqlite3_stmt *stmt, int i, const struct column_schema *c,
		     const struct datum *d);
struct err *store_value_read(sqlite3_stmt *stmt, int i, const struct column_schema *c,
			     struct datum *ret_datum) MUST_CHECK;

/* store_locks.c: the database's file of the owner's connection, and what it takes in memory
 * beside that of the VFS below. */
int store_locks_open(sqlite3_vfs *real, const char *path, sqlite3_file *file, int flags,
		     int *ret_flags);
extern const int store_locks_file_bytes;
/* What is kept is dropped now. */
void store_locks_drop(struct store *s);

/* store_vfs.c: the name of the VFS of the owner's connection. */
const char *store_vfs_name(void);

/* store_task.c: the log. */
struct err *store_log_open(struct store *s) MUST_CHECK;
void store_log_close(struct store *s);
/* For sqlite3_wal_hook(). */
int store_after_commit(void *store, sqlite3 *db, const char *name, int n_pages);

/* store_reserve.c */
void store_reserve_make(struct store *s);
void store_reserve_remove(struct store *s);

/* store_file.c: the files beside the database. */
struct err *store_make_folder(const char *path) MUST_CHECK;
struct err *store_take_lock(const char *path, int *ret_fd) MUST_CHECK;
/* Writes the pid and the owner's remote, or "", into the held lock. */
void store_write_lock(int fd, const char *remote);
void store_drop_lock(int fd); /* accepts -1 */
/* ERR_IO if it exists and is not a regular file. */
struct err *store_check_kind(const char *path) MUST_CHECK;
/* Makes an empty file if none exists. */
struct err *store_touch(const char *path) MUST_CHECK;
/* Makes an empty file; ERR_IO if something exists there, a symlink too. */
struct err *store_touch_new(const char *path) MUST_CHECK;
/* ERR_EXISTS if something exists there. */
struct err *store_check_free(const char *path) MUST_CHECK;
/* Renames a complete file to 'path' and syncs the folder; ERR_EXISTS if it is taken. */
struct err *store_publish(const char *unfinished, const char *path) MUST_CHECK;
/* The UUID in PATH.id, or zeros if there is no such file. */
struct err *store_read_identity(const char *path, struct uuid *ret_uuid) MUST_CHECK;
struct err *store_write_identity(const char *path, const struct uuid *uuid) MUST_CHECK;

#endif
