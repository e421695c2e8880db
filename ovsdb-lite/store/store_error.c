/* Errors of SQLite and of the disk as struct err, and the failed sync, after which a
 * store refuses all writes. */
#include "ovsdb-lite/store/store_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* SQLite's own handle of the log; NULL if there is none. */
static sqlite3_file *log_file(const struct store *s)
{
	sqlite3_file *log = NULL;
	int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

	return rc == SQLITE_OK && log && log->pMethods ? log : NULL;
}

/* The errno of an I/O error; 0 if unknown. SQLite keeps it with the file that failed,
 * nearly always the log, and does not always copy it to the connection. */
static int find_errno(const struct store *s, int rc)
{
	sqlite3_file *log = s->db ? log_file(s) : NULL;
	int sys_errno = 0;

	if (!s->db || ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CANTOPEN))
		return 0;
	if (log)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &sys_errno);
	if (!sys_errno)
		sqlite3_file_control(s->db, "main", SQLITE_FCNTL_LAST_ERRNO, &sys_errno);
	return sys_errno ? sys_errno : sqlite3_system_errno(s->db);
}

struct err *store_error_because(const struct store *s, int rc, int sys_errno,
				const char *reason, const char *what)
{
	int kind = rc & 0xff;
	bool is_damage = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
	struct err *e;

	assert(rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE);
	if (kind == SQLITE_FULL)
		sys_errno = ENOSPC;
	if (sys_errno)
		reason = strerror(sys_errno);
	else if (kind == SQLITE_BUSY)
		reason = "another process is writing to it";
	e = err_new(is_damage ? ERR_DAMAGED : ERR_IO, "cannot %s %s: %s", what, s->path,
		    reason);
	e->sys_errno = sys_errno;
	if (kind == SQLITE_NOTADB) {
		err_free(e);
		return err_hint(
			err_new(ERR_DAMAGED, "%s is not a database file", s->path),
			"name another file, or restore this one from a backup");
	}
	if (is_damage)
		return err_hint(e,
				"restore it from a backup, or see what `sqlite3 %s "
				".recover` saves",
				s->path);
	if (sys_errno == ENOSPC || sys_errno == EDQUOT)
		return err_hint(e, "nothing was changed; make room and try again");
	return e;
}

struct err *store_error(const struct store *s, int rc, const char *what)
{
	return store_error_because(s, rc, find_errno(s, rc),
				   s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc),
				   what);
}

/* A failed sync cannot be repeated: the kernel may have dropped the data, and the next
 * sync would succeed without them (fsync(2), EIO). */
static bool is_failed_sync(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

void store_note_failure(struct store *s, int rc)
{
	if (is_failed_sync(rc))
		s->is_broken = true;
}

struct err *store_failed_sync(struct err *e)
{
	assert(e);
	return err_hint(e, "check the disk, then restart the process that owns the file");
}

struct err *store_broken(const struct store *s)
{
	assert(s->is_broken);
	return store_failed_sync(err_new(
		ERR_IO, "cannot write %s: an earlier sync to the disk failed", s->path));
}
