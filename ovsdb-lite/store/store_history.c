/* The entries of the history as SQL rows.
 *
 * The serial is the only index, so appending an entry changes one b-tree; a look-up by id
 * scans the entries, whose number is bounded. */
#include "ovsdb-lite/store/store_history.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/store/store_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* All but the inverse: for typeof() SQLite does not read the text. */
#define COLUMNS                                                                          \
	"\"serial\", \"id\", \"time\", \"uid\", \"pid\", \"command\", \"subject\", "     \
	"\"comment\", \"rows\", \"bytes\", typeof(\"inverse\") = 'text'"
#define N_COLUMNS 11

/* The first 64 bits of a UUID, as text. */
#define PREFIX_CHARACTERS 18
#define PREFIX_OF_ID      "substr(\"id\", 1, 18)"
_Static_assert(PREFIX_CHARACTERS < UUID_TEXT_BYTES, "");

struct store_history_cursor {
	const struct store *store;
	sqlite3_stmt *select;
	bool is_short; /* only serial, time and bytes, for pruning */
};

struct err *store_history_make(struct store *s)
{
	return store_run(s, "CREATE TABLE IF NOT EXISTS \"_history\" ("
			    "\"serial\" INTEGER PRIMARY KEY, \"id\" TEXT,"
			    " \"time\" INTEGER, \"uid\" INTEGER, \"pid\" INTEGER,"
			    " \"command\" TEXT, \"subject\" TEXT, \"comment\" TEXT,"
			    " \"rows\" INTEGER, \"bytes\" INTEGER, \"inverse\" TEXT)");
}

/* 'inverse' NULL: it ends here. */
static struct err *append_mark(struct store *s, const char *comment, const char *inverse)
{
	struct store_history_sum sum;
	struct store_history_entry mark = {
		.uid = -1,
		.pid = -1,
		.comment = comment,
		.inverse = inverse,
		.n_inverse = inverse ? strlen(inverse) : 0,
	};
	struct err *e = store_history_sum(s, &sum);

	if (e || !sum.last_serial)
		return e;
	mark.serial = sum.last_serial + 1;
	mark.id = uuid_random();
	mark.time_ms = clock_wall_ms();
	if (!inverse)
		e = store_history_delete_before(s, mark.serial);
	return e ? e : store_history_append(s, &mark);
}

struct err *store_history_clear(struct store *s, const char *comment)
{
	return append_mark(s, comment, NULL);
}

struct err *store_history_mark(struct store *s, const char *comment)
{
	return append_mark(s, comment, "{}");
}

static int bind_text(sqlite3_stmt *stmt, int i, const char *text, int n)
{
	return text ? sqlite3_bind_text(stmt, i, text, n, SQLITE_STATIC)
		    : sqlite3_bind_null(stmt, i);
}

static void bind_entry(sqlite3_stmt *stmt, const struct store_history_entry *e)
{
	char id[UUID_TEXT_BYTES];

	sqlite3_bind_int64(stmt, 1, e->serial);
	sqlite3_bind_text(stmt, 2, uuid_format(&e->id, id), -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(stmt, 3, e->time_ms);
	sqlite3_bind_int64(stmt, 4, e->uid);
	sqlite3_bind_int64(stmt, 5, e->pid);
	bind_text(stmt, 6, e->command, -1);
	bind_text(stmt, 7, e->subject, -1);
	bind_text(stmt, 8, e->comment, -1);
	sqlite3_bind_int64(stmt, 9, (int64_t)e->n_rows);
	sqlite3_bind_int64(stmt, 10, (int64_t)e->n_bytes);
	bind_text(stmt, 11, e->inverse, (int)e->n_inverse);
}

struct err *store_history_append(struct store *s, const struct store_history_entry *e)
{
	int rc = SQLITE_OK;

	assert(e->serial > 0 && !sqlite3_get_autocommit(s->db));
	if (!s->append_history)
		rc = sqlite3_prepare_v3(s->db,
					"INSERT INTO \"_history\" VALUES"
					" (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
					-1, SQLITE_PREPARE_PERSISTENT, &s->append_history,
					NULL);
	if (rc != SQLITE_OK)
		return store_error(s, rc, "write");
	assert(sqlite3_bind_parameter_count(s->append_history) == N_COLUMNS);
	bind_entry(s->append_history, e);
	rc = sqlite3_step(s->append_history);
	sqlite3_reset(s->append_history);
	sqlite3_clear_bindings(s->append_history);
	return rc == SQLITE_DONE ? NULL : store_error(s, rc, "write");
}

struct err *store_history_delete_before(struct store *s, int64_t serial)
{
	char *sql = sqlite3_mprintf("DELETE FROM \"_history\" WHERE \"serial\" < %lld",
				    (long long)serial);
	struct err *e = store_run(s, sql);

	assert(e || !sqlite3_get_autocommit(s->db)); /* in the caller's transaction */
	sqlite3_free(sql);
	return e;
}

/* Takes 'sql', of sqlite3_mprintf(). */
static struct err *open_cursor(const struct store *s, char *sql,
			       struct store_history_cursor **ret_cursor)
{
	sqlite3_stmt *select = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &select, NULL);

	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		return store_error(s, rc, "read");
	*ret_cursor = xcalloc(1, sizeof(**ret_cursor));
	(*ret_cursor)->store = s;
	(*ret_cursor)->select = select;
	return NULL;
}

struct err *store_history_open(const struct store *s, int64_t before_serial,
			       bool with_inverse,
			       struct store_history_cursor **ret_cursor)
{
	return open_cursor(s,
			   sqlite3_mprintf("SELECT " COLUMNS "%s FROM \"_history\""
					   " WHERE \"serial\" < %lld"
					   " ORDER BY \"serial\" DESC",
					   with_inverse ? ", \"inverse\"" : "",
					   (long long)before_serial),
			   ret_cursor);
}

struct err *store_history_open_oldest(const struct store *s,
				      struct store_history_cursor **ret_cursor)
{
	struct err *e =
		open_cursor(s,
			    sqlite3_mprintf("SELECT \"serial\", \"time\", \"bytes\""
					    " FROM \"_history\" ORDER BY \"serial\""),
			    ret_cursor);

	if (!e)
		(*ret_cursor)->is_short = true;
	return e;
}

static const char *text_at(sqlite3_stmt *select, int i)
{
	return (const char *)sqlite3_column_text(select, i);
}

static struct err *bad_entry(const struct store *s, int64_t serial)
{
	return err_hint(err_new(ERR_DAMAGED, "%s: entry %lld of the history has no UUID",
				s->path, (long long)serial),
			"delete the history: sqlite3 %s 'DELETE FROM _history'", s->path);
}

static struct err *read_entry(const struct store *s, sqlite3_stmt *select,
			      struct store_history_entry *ret_entry)
{
	struct store_history_entry e = {
		.serial = sqlite3_column_int64(select, 0),
		.time_ms = sqlite3_column_int64(select, 2),
		.uid = sqlite3_column_int64(select, 3),
		.pid = sqlite3_column_int64(select, 4),
		.command = text_at(select, 5),
		.subject = text_at(select, 6),
		.comment = text_at(select, 7),
		.n_rows = (size_t)sqlite3_column_int64(select, 8),
		.n_bytes = (size_t)sqlite3_column_int64(select, 9),
		.has_inverse = sqlite3_column_int(select, 10),
	};
	const char *id = text_at(select, 1);

	assert(sqlite3_column_count(select) >= N_COLUMNS);
	if (!id || !uuid_parse(id, &e.id))
		return bad_entry(s, e.serial);
	if (sqlite3_column_count(select) > N_COLUMNS) {
		e.inverse = text_at(select, N_COLUMNS);
		e.n_inverse = (size_t)sqlite3_column_bytes(select, N_COLUMNS);
	}
	*ret_entry = e;
	return NULL;
}

struct err *store_history_next(struct store_history_cursor *c, bool *ret_found,
			       struct store_history_entry *ret_entry)
{
	int rc = sqlite3_step(c->select);

	*ret_found = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? NULL : store_error(c->store, rc, "read");
	if (!c->is_short)
		return read_entry(c->store, c->select, ret_entry);
	assert(sqlite3_column_count(c->select) == 3);
	*ret_entry = (struct store_history_entry){
		.serial = sqlite3_column_int64(c->select, 0),
		.time_ms = sqlite3_column_int64(c->select, 1),
		.n_bytes = (size_t)sqlite3_column_int64(c->select, 2),
	};
	return NULL;
}

void store_history_close(struct store_history_cursor *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->select);
	free(c);
}

void store_history_closep(struct store_history_cursor **c)
{
	store_history_close(*c);
}

/* One row of numbers. */
static struct err *read_numbers(const struct store *s, const char *sql, const char *text,
				int64_t *numbers, int n)
{
	sqlite3_stmt *select = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &select, NULL);

	if (rc == SQLITE_OK && text)
		rc = sqlite3_bind_text(select, 1, text, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(select);
	assert(rc != SQLITE_ROW || sqlite3_column_count(select) == n);
	for (int i = 0; rc == SQLITE_ROW && i < n; i++)
		numbers[i] = sqlite3_column_int64(select, i);
	sqlite3_finalize(select);
	return rc == SQLITE_ROW ? NULL : store_error(s, rc, "read");
}

struct err *store_history_find(const struct store *s, const struct uuid *id,
			       int64_t *ret_serial)
{
	char text[UUID_TEXT_BYTES];

	uuid_format(id, text);
	text[PREFIX_CHARACTERS] = '\0';
	return read_numbers(s,
			    "SELECT coalesce(max(\"serial\"), 0) FROM \"_history\""
			    " WHERE " PREFIX_OF_ID " = ?",
			    text, ret_serial, 1);
}

struct err *store_history_sum(const struct store *s, struct store_history_sum *ret_sum)
{
	struct store_history_cursor *c;
	struct store_history_entry last = {0};
	int64_t numbers[3];
	bool found;
	struct err *e = read_numbers(s,
				     "SELECT count(*), coalesce(sum(\"bytes\"), 0),"
				     " coalesce(min(\"time\"), 0) FROM \"_history\"",
				     NULL, numbers, 3);

	if (!e)
		e = store_history_open(s, INT64_MAX, false, &c);
	if (e)
		return e;
	e = store_history_next(c, &found, &last);
	store_history_close(c);
	if (e)
		return e;
	*ret_sum = (struct store_history_sum){
		.n_entries = (size_t)numbers[0],
		.n_bytes = (size_t)numbers[1],
		.oldest_time_ms = numbers[2],
		.last_serial = last.serial,
		.last_id = last.id,
	};
	return NULL;
}

struct err *store_used_bytes(const struct store *s, size_t *ret_bytes)
{
	int64_t numbers[3];
	struct err *e = read_numbers(s,
				     "SELECT * FROM pragma_page_count, "
				     "pragma_freelist_count, pragma_page_size",
				     NULL, numbers, 3);

	if (!e)
		*ret_bytes = (size_t)((numbers[0] - numbers[1]) * numbers[2]);
	return e;
}
