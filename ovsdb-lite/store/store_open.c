/* Opening a database's SQLite file, with all that can be wrong there: as its owner, or
 * for looking only. Beside it: store_file.c (lock, identity), store_schema.c (is it the
 * schema that the program wants?). */
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

/* Another process that writes (somebody's sqlite3) is waited for that long. */
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

static struct err *connect_sqlite(struct store *s, const char *path, int flags)
{
	bool is_bare = path[0] != '/' && !(flags & SQLITE_OPEN_URI);
	/* Of a name such as ":memory:" SQLite would make something else than a file. */
	CLEANUP(freep) char *name = xasprintf("%s%s", is_bare ? "./" : "", path);
	int rc = sqlite3_open_v2(
		name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return store_error(s, rc, "open");
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	return store_run(s, "PRAGMA trusted_schema = OFF");
}

static struct err *not_ours(const struct store *s, struct err *cause)
{
	struct err *e =
		cause ? err_wrap(cause, "%s is no database of ovsdb-lite", s->path)
		      : err_new(ERR_DAMAGED, "%s is no database of ovsdb-lite", s->path);

	e->code = ERR_DAMAGED;
	return err_hint(e, "name another file");
}

/* Somebody else's tables, and none of ours. Only reads. */
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

/* A file that never had an owner of ours, since no lock is beside it: before one is made
 * there, it is looked at. One that cannot be read is refused later. */
static struct err *check_foreign(const char *path)
{
	CLEANUP(freep) char *lock = xasprintf("%s.lock", path);
	struct stat st;
	struct store *s;
	struct err *e;

	if (!access(lock, F_OK) || stat(path, &st) || !st.st_size)
		return NULL;
	s = store_new(path);
	e = connect_sqlite(s, path, SQLITE_OPEN_READONLY);
	if (!e)
		e = refuse_foreign(s);
	if (e && e->code != ERR_DAMAGED)
		err_freep(&e);
	store_close(s);
	return e;
}

static struct err *connect_owner(struct store *s)
{
	struct err *e = connect_sqlite(s, s->path, SQLITE_OPEN_READWRITE);

	if (!e)
		e = expect_text(s, "PRAGMA quick_check(1)", "ok", "is damaged");
	if (!e)
		e = refuse_foreign(s);
	/* A page that becomes free is filled from the file's end at once, so that the
	 * file shrinks with its data. Before the first table; else the next VACUUM makes
	 * it so. */
	if (!e)
		e = store_run(s, "PRAGMA auto_vacuum = FULL");
	if (!e)
		e = expect_text(s, "PRAGMA journal_mode = WAL", "wal",
				"cannot have a write-ahead log, its journal mode stays");
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

/* The first format had no history, and its files did not shrink. */
static struct err *upgrade_format(struct store *s)
{
	struct err *e;

	if (s->is_read_only)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is of an older version of this program",
					s->path),
				"let its owner open it once, which brings it up to date");
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
				"%s has file format %s, and this program knows those to "
				"" STORE_FORMAT,
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

/* The identity's copy beside it is written first: whatever happens then, the next attempt
 * to make the database finds it. */
static struct err *make_database(struct store *s, const struct schema *schema)
{
	struct json_object *json = schema_to_json(schema);
	struct err *e = schema_from_json(json, &s->schema);

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
	/* Also where it stands already: this syncs the folder, with the database's name
	 * in it. */
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
	/* The copy is for the day when the database is lost: without it today goes on all
	 * the same. */
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
	return err_hint(err_new(ERR_NOT_FOUND, "there is no database %s", path),
			"make it with `ovsdb-lite create %s SCHEMA`", path);
}

/* A file without a table was left by someone who died while making it. */
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

/* Whether there are commits that are not in the file yet. */
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

/* Where nothing can be written, not even beside the file, SQLite reads what it finds
 * there if its log is open elsewhere. If there is no log at all, nobody has it open, and
 * it takes our word for that. */
static struct err *connect_reader(struct store *s)
{
	CLEANUP(freep) char *uri = immutable_uri(s->path);
	struct err *e;
	int rc;

	e = connect_sqlite(s, s->path, SQLITE_OPEN_READWRITE);
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
				"its log %s-wal must be worked in first: copy both to "
				"where you can write, or run as its owner",
				s->path);
	err_free(e);
	sqlite3_close(STEAL(s->db));
	e = connect_sqlite(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
	return e ? e : store_run(s, "BEGIN");
}

/* The transaction in which everything is read lasts as long as the store. */
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
