/* A database's SQLite file while it is open: its transactions and its properties. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct err *store_run(struct store *s, const char *sql)
{
	int rc;

	assert(s->db);
	rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return NULL;
	rc = sqlite3_extended_errcode(s->db);
	store_note_failure(s, rc);
	return store_error(s, rc, "write");
}

struct err *store_read_text(struct store *s, const char *sql, char **ret_text)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
	struct err *e = NULL;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		*ret_text = text ? xstrdup(text) : NULL;
	} else if (rc == SQLITE_DONE) {
		*ret_text = NULL;
	} else {
		e = store_error(s, sqlite3_extended_errcode(s->db), "read");
	}
	sqlite3_finalize(stmt);
	return e;
}

const struct schema *store_schema(const struct store *s)
{
	return s->schema;
}

const struct uuid *store_identity(const struct store *s)
{
	return &s->identity;
}

bool store_is_new(const struct store *s)
{
	return s->is_new;
}

void store_advertise(const struct store *s, const char *remote)
{
	assert(remote);
	if (s->lock_fd >= 0)
		store_write_lock(s->lock_fd, remote);
}

bool store_is_read_only(const struct store *s)
{
	return s->is_read_only;
}

struct err *store_check_writable(const struct store *s)
{
	if (s->is_read_only)
		return err_hint(err_new(ERR_IO, "%s is open read-only", s->path),
				"change it through the process that owns it");
	return s->is_broken ? store_broken(s) : NULL;
}

/* store_run() for a statement that is prepared once. */
static struct err *run_prepared(struct store *s, sqlite3_stmt **stmt, const char *sql)
{
	int rc = SQLITE_OK;

	if (!*stmt)
		rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt,
					NULL);
	if (rc == SQLITE_OK) {
		sqlite3_step(*stmt);
		rc = sqlite3_reset(*stmt);
	}
	if (rc == SQLITE_OK)
		return NULL;
	store_note_failure(s, rc);
	return store_error(s, rc, "write");
}

struct err *store_begin(struct store *s)
{
	struct err *e = store_check_writable(s);

	assert(e || sqlite3_get_autocommit(s->db)); /* no transaction is open */
	return e ? e : run_prepared(s, &s->begin, "BEGIN IMMEDIATE");
}

struct err *store_commit(struct store *s)
{
	struct err *e;

	assert(!s->is_read_only && !sqlite3_get_autocommit(s->db));
	e = run_prepared(s, &s->commit, "COMMIT");
	if (e) {
		store_rollback(s);
		return e;
	}
	assert(sqlite3_get_autocommit(s->db));
	s->n_commits++;
	return NULL;
}

void store_rollback(struct store *s)
{
	/* After some errors SQLite has rolled back by itself
	 * (sqlite.org/lang_transaction.html). */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	assert(sqlite3_get_autocommit(s->db));
}
