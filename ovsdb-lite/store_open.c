/* Opening a database's SQLite file, with all that can be wrong there: as its owner, or
 * for looking only. Beside it: store_file.c (lock, identity), store_schema.c (is it the
 * schema that the program wants?). */
#include "ovsdb-lite/store_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"
#include "ovsdb-lite/store_history.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Another process that writes (somebody's sqlite3) is waited for that long. */
#define BUSY_TIMEOUT_MS 1000
/* A log that grew beyond it, because somebody read for long, is cut when it begins anew.
 */
#define MAX_IDLE_LOG_BYTES "4194304"

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

static struct err *connect_sqlite(struct store *s)
{
	/* Of a name such as ":memory:" SQLite would make something else than a file. */
	CLEANUP(freep)
	char *path = xasprintf("%s%s", s->path[0] == '/' ? "" : "./", s->path);
	int rc = sqlite3_open_v2(path, &s->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_EXRESCODE,
				 NULL);
	struct err *e;

	if (rc != SQLITE_OK)
		return store_error(s, rc, "open");
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	e = expect_text(s, "PRAGMA quick_check(1)", "ok", "is damaged");
	if (!e)
		e = expect_text(s, "PRAGMA journal_mode = WAL", "wal",
				"cannot have a write-ahead log, its journal mode stays");
	if (!e)
		e = store_run(s, "PRAGMA synchronous = NORMAL;"
				 "PRAGMA journal_size_limit = " MAX_IDLE_LOG_BYTES ";"
				 "PRAGMA trusted_schema = OFF");
	sqlite3_wal_hook(s->db, store_after_commit, s);
	return e;
}

static struct err *not_ours(const struct store *s, struct err *cause)
{
	struct err *e =
		cause ? err_wrap(cause, "%s is no database of ovsdb-lite", s->path)
		      : err_new(ERR_DAMAGED, "%s is no database of ovsdb-lite", s->path);

	e->code = ERR_DAMAGED;
	return err_hint(e, "name another file");
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

static struct err *read_meta(struct store *s)
{
	CLEANUP(freep) char *found = NULL;
	CLEANUP(freep) char *format = NULL;
	CLEANUP(freep) char *identity = NULL;
	struct err *e = store_read_text(
		s, "SELECT \"name\" FROM \"sqlite_schema\" WHERE \"name\" = '_meta'",
		&found);

	if (e || !found)
		return e ? e : not_ours(s, NULL);
	e = store_read_text(s, "SELECT \"value\" FROM \"_meta\" WHERE \"key\" = 'format'",
			    &format);
	if (!e)
		e = store_read_text(
			s, "SELECT \"value\" FROM \"_meta\" WHERE \"key\" = 'identity'",
			&identity);
	if (e)
		return e;
	if (!format || strcmp(format, "1") != 0)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s has file format %s, and this program knows 1",
					s->path, format ? format : "unknown"),
				"install the newer program that wrote it");
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
	if (!e)
		e = store_history_make(s);
	if (e)
		return e;
	store_tables_init(s);
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

static struct err *open_all(struct store *s, const struct schema *schema_if_missing)
{
	CLEANUP(freep) char *any = NULL;
	struct err *e = NULL;

	if (schema_if_missing)
		e = store_make_folder(s->path);
	else if (access(s->path, F_OK) && errno == ENOENT)
		return err_hint(
			err_new(ERR_NOT_FOUND, "there is no database %s", s->path),
			"make it with `ovsdb-lite create %s SCHEMA`", s->path);
	if (!e)
		e = store_check_kind(s->path);
	if (!e)
		e = store_take_lock(s->path, &s->lock_fd);
	if (!e)
		e = store_touch(s->path);
	if (!e)
		e = connect_sqlite(s);
	if (!e)
		e = store_read_text(s, "SELECT \"name\" FROM \"sqlite_schema\"", &any);
	if (e)
		return e;
	/* A file without a table was left by someone who died while making it. */
	if (any)
		e = open_database(s, schema_if_missing);
	else
		e = schema_if_missing ? make_database(s, schema_if_missing)
				      : not_ours(s, NULL);
	return e ? e : store_log_open(s);
}

struct err *store_open(const char *path, const struct schema *schema_if_missing,
		       struct store **ret_store)
{
	struct store *s = xcalloc(1, sizeof(*s));
	struct err *e;

	s->path = xstrdup(path);
	s->lock_fd = -1;
	e = open_all(s, schema_if_missing);
	if (e) {
		store_close(s);
		return e;
	}
	*ret_store = s;
	return NULL;
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
	store_drop_lock(s->lock_fd);
	schema_free(s->schema);
	free(s->path);
	free(s);
}
