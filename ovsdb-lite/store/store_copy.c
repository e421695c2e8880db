/* The file as a whole: its copy, and its reduction to the smallest size. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <unistd.h>

/* An error about the copy, not about the database. */
static struct err *copy_error(sqlite3 *copy, const char *path, int rc)
{
	CLEANUP(freep) char *copy_path = xstrdup(path);
	const struct store at = {.path = copy_path, .db = copy};

	return store_error(&at, rc, "write");
}

/* In one step, so that no commit comes in between (sqlite.org/backup.html). */
static struct err *copy_into(const struct store *s, sqlite3 *copy, const char *path)
{
	sqlite3_backup *backup = sqlite3_backup_init(copy, "main", s->db, "main");
	int rc;

	if (!backup)
		return copy_error(copy, path, sqlite3_extended_errcode(copy));
	rc = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	return rc == SQLITE_DONE ? NULL : copy_error(copy, path, rc);
}

static struct err *write_copy(const struct store *s, const char *path)
{
	CLEANUP(freep) char *name = xasprintf("%s%s", path[0] == '/' ? "" : "./", path);
	sqlite3 *copy = NULL;
	int rc = sqlite3_open_v2(name, &copy,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_EXRESCODE,
				 NULL);
	struct err *e =
		rc == SQLITE_OK ? copy_into(s, copy, path) : copy_error(copy, path, rc);

	sqlite3_close(copy);
	return e;
}

struct err *store_backup(const struct store *s, const char *path)
{
	CLEANUP(freep) char *unfinished = xasprintf("%s.unfinished", path);
	struct err *e = store_check_free(path);

	/* What is not committed must not get into the copy. */
	assert(s->is_read_only || sqlite3_get_autocommit(s->db));
	if (e)
		return e;
	unlink(unfinished); /* left by a process that was killed */
	e = store_touch_new(unfinished);
	if (!e)
		e = write_copy(s, unfinished);
	if (!e)
		e = store_publish(unfinished, path);
	if (e)
		unlink(unfinished);
	return e;
}

struct err *store_compact(struct store *s)
{
	struct err *e = store_check_writable(s);

	assert(e || sqlite3_get_autocommit(s->db));
	if (!e)
		e = store_run(s, "VACUUM");
	if (!e)
		e = store_run(s, "PRAGMA wal_checkpoint(TRUNCATE)");
	return e;
}
