/* Opening a database's SQLite file, as its owner or read-only, and the errors of a file
 * that is missing, locked, damaged or not a database of ovsdb-lite. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/store/store_history.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long SQLite waits for another process that writes, such as sqlite3(1). */
#define BUSY_TIMEOUT_MS 1000

static struct err *expect_text(struct store *s, const char *sql, const char *wanted,
			       const char *complaint)
{
	char *text;
	struct err *e = store_read_text(s, sql, &text);

	if (e)
		return e;
	if (!text || strcmp(text, wanted) != 0)
		e = err_hint(err_new(ERR_DAMAGED, "%s %s: %s", s->path, complaint,
				     text ? text : "nothing"),
			     "restore it from a backup, or see what `sqlite3 %s "
			     ".recover` saves",
			     s->path);
	free(text);
	return e;
}

/* 'vfs' NULL: SQLite's own. */
static struct err *connect_sqlite(struct store *s, const char *path, int flags,
				  const char *vfs)
{
	bool is_bare = path[0] != '/' && !(flags & SQLITE_OPEN_URI);
	/* SQLite does not take a name such as ":memory:" for a file. */
	CLEANUP(freep) char *name = xasprintf("%s%s", is_bare ? "./" : "", path);
	int rc;

	assert(!s->db);
	rc = sqlite3_open_v2(name, &s->db,
			     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
	if (rc != SQLITE_OK)
		return store_error(s, rc, "open");
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	return store_run(s, "PRAGMA trusted_schema = OFF");
}

static struct err *not_ours(const struct store *s, struct err *cause)
{
	struct err *e =
		cause ? err_wrap(cause, "%s is not a database of ovsdb-lite", s->path)
		      : err_new(ERR_DAMAGED, "%s is not a database of ovsdb-lite",
				s->path);

	e->code = ERR_DAMAGED;
	return err_hint(e, "name another file");
}

/* Refuses a file with tables but without _meta: another program's. Only reads. */
static struct err *refuse_foreign(struct store *s)
{
	CLEANUP(freep) char *is_foreign = NULL;
	struct err *e = store_read_text(
		s,
		"SELECT 1 WHERE EXISTS (SELECT 1 FROM \"sqlite_schema\") AND NOT "
		"EXISTS (SELECT 1 FROM \"sqlite_schema\" WHERE \"name\" = '_meta')",
		&is_foreign);

	return e ? e : is_foreign ? not_ours(s, NULL) : NULL;
}

static struct store *store_new(const char *path)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->path = xstrdup(path);
	s->lock_fd = -1;
	pthread_mutex_init(&s->moving, NULL);
	return s;
}

/* A file without PATH.lock never had an owner of ours: checks it before anything is
 * written beside it. If it cannot be read, the owner's connection fails later. */
static struct err *check_foreign(const char *path)
{
	CLEANUP(freep) char *lock = xasprintf("%s.lock", path);
	struct stat st;
	struct store *s;
	struct err *e;

	if (!access(lock, F_OK) || stat(path, &st) || !st.st_size)
		return NULL;
	s = store_new(path);
	e = connect_sqlite(s, path, SQLITE_OPEN_READONLY, NULL);
	if (!e)
		e = refuse_foreign(s);
	if (e && e->code != ERR_DAMAGED)
		err_freep(&e);
	store_close(s);
	return e;
}

static struct err *connect_owner(struct store *s)
{
	struct err *e =
		connect_sqlite(s, s->path, SQLITE_OPEN_READWRITE, store_vfs_name());

	if (!e)
		e = expect_text(s, "PRAGMA quick_check(1)", "ok", "is damaged");
	if (!e)
		e = refuse_foreign(s);
	/* The last page of the file is moved into a page that becomes free, so that the
	 * file shrinks with its data. Takes effect before the first table is made, else
	 * with the next VACUUM. */
	if (!e)
		e = store_run(s, "PRAGMA auto_vacuum = FULL");
	if (!e)
		e = expect_text(s, "PRAGMA journal_mode = WAL", "wal",
				"cannot use a write-ahead log, its journal mode stays");
	if (!e)
		e = store_run(s, "PRAGMA synchronous = NORMAL");
	sqlite3_wal_hook(s->db, store_after_commit, s);
	return e;
}

static struct err *read_schema(struct store *s)
{
	CLEANUP(freep) char *text = NULL;
	struct json_object *json;
	struct err *e = store_read_text(
		s, "SELECT \"value\" FROM \"_meta\" WHERE \"key\" = 'schema'", &text);

	if (e || !text)
		return e ? e : not_ours(s, NULL);
	e = json_parse(text, strlen(text), &json);
	if (e)
		return not_ours(s, e);
	e = schema_from_json(json, &s->schema);
	json_free(json);
	return e ? not_ours(s, e) : NULL;
}

/* Format 1 had no history, and no auto_vacuum. */
static struct err *upgrade_format(struct store *s)
{
	struct err *e;

	if (s->is_read_only)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s was written by an older version of this program",
				s->path),
			"start its owner once, which upgrades it");
	e = store_run(s, "BEGIN IMMEDIATE");
	if (!e)
		e = store_history_make(s);
	if (!e)
		e = store_run(s, "UPDATE \"_meta\" SET \"value\" = " STORE_FORMAT
				 " WHERE \"key\" = 'format'");
	if (!e)
		e = store_commit(s);
	else
		store_rollback(s);
	return e ? e : store_run(s, "VACUUM");
}

static struct err *check_format(struct store *s)
{
	CLEANUP(freep) char *format = NULL;
	struct err *e = store_read_text(
		s, "SELECT \"value\" FROM \"_meta\" WHERE \"key\" = 'format'", &format);

	if (e)
		return e;
	if (format && !strcmp(format, "1"))
		return upgrade_format(s);
	if (format && !strcmp(format, STORE_FORMAT))
		return NULL;
	return err_hint(err_new(ERR_UNSUPPORTED,
				"%s has file format %s, this program supports formats up "
				"to " STORE_FORMAT,
				s->path, format ? format : "unknown"),
			"install the newer program that wrote it");
}

static struct err *read_meta(struct store *s)
{
	CLEANUP(freep) char *found = NULL;
	CLEANUP(freep) char *identity = NULL;
	struct err *e = store_read_text(
		s, "SELECT \"name\" FROM \"sqlite_schema\" WHERE \"name\" = '_meta'",
		&found);

	if (e || !found)
		return e ? e : not_ours(s, NULL);
	e = check_format(s);
	if (!e)
		e = store_read_text(
			s, "SELECT \"value\" FROM \"_meta\" WHERE \"key\" = 'identity'",
			&identity);
	if (e)
		return e;
	if (!identity || !uuid_parse(identity, &s->identity))
		return not_ours(s, NULL);
	return read_schema(s);
}

/* PATH.id is written first: if this process dies then, the next attempt takes the
 * identity from there. */
static struct err *make_database(struct store *s, const struct schema *schema)
{
	struct json_object *json = schema_to_json(schema);
	struct err *e;

	assert(!s->schema && !s->is_read_only);
	e = schema_from_json(json, &s->schema);
	json_free(json);
	if (e)
		return e;
	s->is_new = true;
	store_tables_init(s);
	e = store_read_identity(s->path, &s->identity);
	if (e)
		return e;
	if (uuid_is_zero(&s->identity))
		s->identity = uuid_random();
	/* Even if PATH.id exists: this also syncs the folder with the database's name. */
	e = store_write_identity(s->path, &s->identity);
	if (!e)
		e = store_run(s, "BEGIN IMMEDIATE");
	if (!e)
		e = store_make_meta(s);
	if (!e)
		e = store_make_tables(s);
	if (!e)
		e = store_history_make(s);
	if (!e)
		e = store_run(s, "COMMIT");
	if (!e)
		e = store_run(s, "PRAGMA wal_checkpoint(TRUNCATE)");
	return e;
}

static struct err *open_database(struct store *s, const struct schema *wanted)
{
	struct uuid copy;
	struct err *e = read_meta(s);

	if (!e && wanted)
		e = store_check_schema(s, wanted);
	if (e)
		return e;
	store_tables_init(s);
	if (s->is_read_only)
		return NULL;
	s->n_commits++; /* the last owner may have died before its sync */
	/* PATH.id is needed only if the database is lost: an error is no reason to
	 * stop. */
	e = store_read_identity(s->path, &copy);
	if (e || !uuid_equals(&copy, &s->identity)) {
		err_free(e);
		err_free(store_write_identity(s->path, &s->identity));
	}
	return NULL;
}

static struct err *check_exists(const char *path)
{
	struct err *e = store_check_kind(path);

	if (e || !access(path, F_OK))
		return e;
	return err_hint(err_new(ERR_NOT_FOUND, "no such database: %s", path),
			"make it with `ovsdb-lite create %s SCHEMA`", path);
}

/* A file without a table was left by a process that died while it made the database. */
static struct err *is_empty(struct store *s, bool *ret_empty)
{
	CLEANUP(freep) char *any = NULL;
	struct err *e =
		store_read_text(s, "SELECT \"name\" FROM \"sqlite_schema\"", &any);

	if (!e)
		*ret_empty = !any;
	return e;
}

static struct err *open_owned(struct store *s, const struct schema *schema_if_missing)
{
	bool empty;
	struct err *e;

	if (schema_if_missing) {
		e = store_make_folder(s->path);
		if (!e)
			e = store_check_kind(s->path);
	} else {
		e = check_exists(s->path);
	}
	if (!e)
		e = check_foreign(s->path);
	if (!e)
		e = store_take_lock(s->path, &s->lock_fd);
	if (!e)
		e = store_touch(s->path);
	if (!e)
		e = connect_owner(s);
	if (!e)
		e = is_empty(s, &empty);
	if (e)
		return e;
	if (!empty)
		e = open_database(s, schema_if_missing);
	else
		e = schema_if_missing ? make_database(s, schema_if_missing)
				      : not_ours(s, NULL);
	if (!e)
		e = store_log_open(s);
	if (!e)
		store_reserve_make(s);
	assert(e || (s->schema && s->tables && s->log && !uuid_is_zero(&s->identity)));
	return e;
}

static struct err *finish_open(struct store *s, struct err *e, struct store **ret_store)
{
	if (e)
		store_close(s);
	else
		*ret_store = s;
	return e;
}

struct err *store_open(const char *path, const struct schema *schema_if_missing,
		       struct store **ret_store)
{
	struct store *s = store_new(path);

	return finish_open(s, open_owned(s, schema_if_missing), ret_store);
}

/* True if the log may have commits that are not in the file. */
static bool has_log(const struct store *s)
{
	CLEANUP(freep) char *path = xasprintf("%s-wal", s->path);
	struct stat st;

	return !stat(path, &st) && st.st_size > 0;
}

/* "file:PATH?immutable=1" (sqlite.org/uri.html). */
static char *immutable_uri(const char *path)
{
	char *uri = xcalloc(strlen(path) * 3 + sizeof("file:./?immutable=1"), 1);
	char *p = stpcpy(uri, path[0] == '/' ? "file:" : "file:./");

	for (; *path; path++) {
		if (strchr("%?#", *path))
			p += sprintf(p, "%%%02X", (unsigned int)*path);
		else
			*p++ = *path;
	}
	strcpy(p, "?immutable=1");
	return uri;
}

/* On a file system that is read-only for us, SQLite can read a database with a log only
 * if the log's -shm file exists. If there is no log, no process has the database open:
 * immutable=1 then makes SQLite read the file alone. */
static struct err *connect_reader(struct store *s)
{
	CLEANUP(freep) char *uri = immutable_uri(s->path);
	struct err *e;
	int rc;

	e = connect_sqlite(s, s->path, SQLITE_OPEN_READWRITE, NULL);
	if (e)
		return e;
	rc = sqlite3_exec(s->db, "BEGIN; SELECT 1 FROM \"sqlite_schema\"", NULL, NULL,
			  NULL);
	if (rc == SQLITE_OK)
		return store_run(s, "PRAGMA query_only = ON");
	e = store_error(s, sqlite3_extended_errcode(s->db), "read");
	rc &= 0xff;
	if (rc != SQLITE_READONLY && rc != SQLITE_CANTOPEN)
		return e;
	if (has_log(s))
		return err_hint(e,
				"its log %s-wal must be applied first: copy both to a "
				"writable folder, or run as its owner",
				s->path);
	err_free(e);
	sqlite3_close(STEAL(s->db));
	e = connect_sqlite(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	return e ? e : store_run(s, "BEGIN");
}

/* All reads are in one transaction, which ends with store_close(). */
static struct err *open_reader(struct store *s)
{
	bool empty;
	struct err *e = check_exists(s->path);

	if (!e)
		e = connect_reader(s);
	if (!e)
		e = is_empty(s, &empty);
	if (e)
		return e;
	return empty ? not_ours(s, NULL) : open_database(s, NULL);
}

struct err *store_open_read_only(const char *path, struct store **ret_store)
{
	struct store *s = store_new(path);

	s->is_read_only = true;
	return finish_open(s, open_reader(s), ret_store);
}

void store_close(struct store *s)
{
	int rc;

	if (!s)
		return;
	assert(!s->is_sync_out && !s->is_checkpoint_out);
	store_tables_clear(s);
	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->append_history);
	store_log_close(s);
	rc = sqlite3_close(s->db);
	assert(rc == SQLITE_OK);
	(void)rc;
	store_reserve_remove(s);
	store_drop_lock(s->lock_fd);
	schema_free(s->schema);
	pthread_mutex_destroy(&s->moving);
	free(s->path);
	free(s);
}
