/* The write-ahead log: the sync that makes commits safe from power loss, and the
 * checkpoint that moves the log into the file. Both may run in another thread, on
 * descriptors of their own, while the owner commits.
 *
 * SQLite starts the log from its beginning only when all of it is in the file. A
 * checkpoint in another thread seldom gets there: the owner appends to the log meanwhile.
 * So the owner itself moves the small rest when the log is twice as long as when a
 * checkpoint is due: two syncs of a few pages, once in thousands of commits. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* A checkpoint is due when the log has an eighth of the file's pages, within these
 * bounds: its two syncs must not come often, and the checkpoint of a large database must not
 * take long. */
#define MIN_CHECKPOINT_PAGES 1000
#define MAX_CHECKPOINT_PAGES 2000
_Static_assert(MIN_CHECKPOINT_PAGES < MAX_CHECKPOINT_PAGES, "");
#define LOG_FRAME_BYTES (STORE_LOG_HEADER_BYTES + STORE_PAGE_BYTES)
/* With 16 MiB of log the owner moves it itself, even if a task was to: commits that are
 * faster than the checkpoints wait for this. */
#define MAX_LOG_PAGES 4000
_Static_assert(2 * MAX_CHECKPOINT_PAGES <= MAX_LOG_PAGES,
	       "finish_checkpoint() comes first");

/* This descriptor is open as long as the file: the kernel reports a failed write once to
 * each open descriptor (Linux lib/errseq.c), so a failure that a checkpoint got is
 * reported here too. The log has no locks that closing it could release
 * (sqlite.org/lockingv3.html: they are on the file and on -shm). */
struct err *store_log_open(struct store *s)
{
	const char *path = sqlite3_filename_wal(sqlite3_db_filename(s->db, "main"));
	sqlite3_vfs *vfs = NULL;
	int rc;

	assert(!s->log && !s->is_read_only);
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	assert(vfs);
	s->log = xcalloc(1, (size_t)vfs->szOsFile);
	rc = vfs->xOpen(vfs, path, s->log, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, NULL);
	return rc == SQLITE_OK ? NULL : store_error(s, rc, "open the log of");
}

void store_log_close(struct store *s)
{
	if (s->log && s->log->pMethods)
		s->log->pMethods->xClose(s->log);
	free(s->log);
	s->log = NULL;
}

struct db_task {
	struct store *store;
	bool is_sync;
	sqlite3_file *log;  /* of a sync */
	uint64_t n_commits; /* covered by a sync */
	const char *path;   /* of a checkpoint */
	bool shortens;      /* a checkpoint */
	int n_moved;        /* pages at the start of the log that are in the file */
	int rc, sys_errno;
};

/* What synchronous=FULL does after each commit (sqlite.org/pragma.html), once for many
 * commits: a commit writes only to the log. */
static void run_sync(struct db_task *t)
{
	t->rc = t->log->pMethods->xSync(t->log,
					SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
	if (t->rc != SQLITE_OK)
		t->log->pMethods->xFileControl(t->log, SQLITE_FCNTL_LAST_ERRNO,
					       &t->sys_errno);
}

/* One checkpoint at a time: SQLite refuses a second one at once, it does not wait. */
static int move_log(struct store *s, sqlite3 *db, int how, int *n_moved)
{
	int rc;

	pthread_mutex_lock(&s->moving);
	rc = sqlite3_wal_checkpoint_v2(db, "main", how, NULL, n_moved);
	pthread_mutex_unlock(&s->moving);

	/* Another process, such as sqlite3(1), makes a checkpoint at this moment, or reads the
	 * log that was to be truncated. */
	return rc == SQLITE_BUSY ? SQLITE_OK : rc;
}

/* On its own connection: SQLITE_OPEN_NOMUTEX allows one thread for each. */
static void run_checkpoint(struct db_task *t)
{
	sqlite3 *db = NULL;

	t->rc = sqlite3_open_v2(t->path, &db,
				SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
					SQLITE_OPEN_EXRESCODE,
				NULL);
	if (t->rc == SQLITE_OK)
		t->rc = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* SQLite opens the log only when it reads. */
	if (t->rc == SQLITE_OK)
		t->rc = sqlite3_exec(db, "SELECT 1 FROM \"sqlite_schema\"", NULL, NULL,
				     NULL);
	if (t->rc == SQLITE_OK)
		t->rc = move_log(t->store, db, SQLITE_CHECKPOINT_PASSIVE, &t->n_moved);
	/* Keeps the owner from committing, but not for long: there is little left to move. */
	if (t->rc == SQLITE_OK && t->shortens)
		t->rc = move_log(t->store, db, SQLITE_CHECKPOINT_TRUNCATE, NULL);
	if (t->rc != SQLITE_OK)
		t->sys_errno = sqlite3_system_errno(db);
	sqlite3_close(db);
}

void store_task_run(struct db_task *t)
{
	if (t->is_sync)
		run_sync(t);
	else
		run_checkpoint(t);
}

/* Also sets the length to which the log is truncated when it starts from the beginning:
 * that at which the owner moves the rest. A log that grows costs each sync as much again,
 * for the disk has to note its length. */
static void set_due(struct store *s, int n_pages)
{
	char sql[64];

	if (n_pages == s->n_due_pages)
		return;
	s->n_due_pages = n_pages;
	snprintf(sql, sizeof(sql), "PRAGMA journal_size_limit = %d",
		 2 * n_pages * LOG_FRAME_BYTES);
	sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static void measure_file(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	int n = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA page_count", -1, &stmt, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0) / 8;
	sqlite3_finalize(stmt);
	set_due(s, n < MIN_CHECKPOINT_PAGES   ? MIN_CHECKPOINT_PAGES
		   : n > MAX_CHECKPOINT_PAGES ? MAX_CHECKPOINT_PAGES
					      : n);
}

/* By the owner's thread, which waits. */
void store_checkpoint(struct store *s)
{
	int n_moved = 0;
	int rc = move_log(s, s->db, SQLITE_CHECKPOINT_PASSIVE, &n_moved);

	store_note_failure(s, rc);
	/* If it failed, tries again after as many pages more: the log grows meanwhile. */
	s->checkpoint_at = s->n_log_pages + s->n_due_pages;
	store_reserve_make(s);
}

/* Instead of SQLite's automatic checkpoint, which hides a failed sync. */
int store_after_commit(void *store, sqlite3 *db, const char *name, int n_pages)
{
	struct store *s = store;

	assert(db == s->db);
	(void)db;
	(void)name;
	/* The log started from its beginning. */
	if (n_pages <= s->n_log_pages || !s->checkpoint_at) {
		measure_file(s);
		s->checkpoint_at = s->n_due_pages;
	}
	s->n_log_pages = n_pages;
	if (n_pages >= s->checkpoint_at && (!s->has_tasks || n_pages >= MAX_LOG_PAGES))
		store_checkpoint(s);
	return SQLITE_OK;
}

static struct db_task *task_new(struct store *s, bool is_sync)
{
	struct db_task *t = xcalloc(1, sizeof(*t));

	t->store = s;
	t->is_sync = is_sync;
	return t;
}

struct err *store_sync_task(struct store *s, struct db_task **ret_task)
{
	struct db_task *t;

	assert(!s->is_sync_out && s->n_synced <= s->n_commits);
	if (s->is_broken)
		return store_broken(s);
	if (s->n_synced == s->n_commits) {
		*ret_task = NULL;
		return NULL;
	}
	assert(s->log); /* a read-only store has no commits */
	t = task_new(s, true);
	t->log = s->log;
	t->n_commits = s->n_commits;
	s->is_sync_out = true;
	*ret_task = t;
	return NULL;
}

static struct db_task *checkpoint_task(struct store *s)
{
	struct db_task *t = task_new(s, false);

	t->path = sqlite3_db_filename(s->db, "main");
	store_locks_drop(s);
	s->is_checkpoint_out = true;
	return t;
}

struct db_task *store_checkpoint_task(struct store *s)
{
	s->has_tasks = true;
	if (s->is_broken || s->is_checkpoint_out || s->n_log_pages < s->checkpoint_at ||
	    !s->n_log_pages)
		return NULL;
	return checkpoint_task(s);
}

static bool is_log_long(const struct store *s)
{
	sqlite3_int64 size = 0;

	return s->log->pMethods->xFileSize(s->log, &size) == SQLITE_OK &&
	       size > (sqlite3_int64)s->n_due_pages * LOG_FRAME_BYTES;
}

struct db_task *store_shorten_task(struct store *s)
{
	struct db_task *t;

	if (s->is_broken || s->is_checkpoint_out || !s->n_due_pages || !is_log_long(s))
		return NULL;
	t = checkpoint_task(s);
	t->shortens = true;
	return t;
}

static struct err *task_error(const struct db_task *t, const char *what)
{
	return store_error_because(t->store, t->rc, t->sys_errno, sqlite3_errstr(t->rc),
				   what);
}

static struct err *finish_sync(struct store *s, const struct db_task *t)
{
	assert(s->is_sync_out);
	assert(s->n_synced < t->n_commits && t->n_commits <= s->n_commits);
	s->is_sync_out = false;
	if (s->is_broken)
		return store_broken(s);
	if (t->rc == SQLITE_OK) {
		s->n_synced = t->n_commits;
		return NULL;
	}
	s->is_broken = true;
	return store_failed_sync(task_error(t, "sync"));
}

static struct err *finish_checkpoint(struct store *s, const struct db_task *t)
{
	assert(s->is_checkpoint_out);
	s->is_checkpoint_out = false;
	s->checkpoint_at = s->n_log_pages + s->n_due_pages;
	store_reserve_make(s);
	store_note_failure(s, t->rc);
	if (t->rc != SQLITE_OK)
		return task_error(t, "move the log into");
	if (t->n_moved < s->n_log_pages && s->n_log_pages >= 2 * s->n_due_pages)
		store_checkpoint(s);
	return NULL;
}

struct err *store_task_finish(struct db_task *t)
{
	CLEANUP(freep) struct db_task *owned = t;

	return t->is_sync ? finish_sync(t->store, t) : finish_checkpoint(t->store, t);
}

struct err *store_sync(struct store *s)
{
	struct db_task *t = NULL;
	struct err *e = store_sync_task(s, &t);

	if (e || !t)
		return e;
	store_task_run(t);
	return store_task_finish(t);
}
