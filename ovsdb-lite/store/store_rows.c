/* Rows in the file: prepared statements for insert, update and delete, and reading all
 * rows at the start.
 *
 * An UPDATE sets only the columns that changed. Clients change the same few columns again
 * and again: the statements of the last combinations stay prepared. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Two names of a schema may differ only in case, which SQL ignores, and "sqlite_" is
 * reserved: each clash with an earlier name puts a '~' in front, which no name in a
 * schema has (RFC 7047 3.1 <id>). Quoted, owned by the caller. */
static char *sql_identifier(const char *name, size_t n_clashes)
{
	CLEANUP(freep) char *tildes = xcalloc(n_clashes + 2, 1);

	assert(!strpbrk(name, "~\""));
	if (!strncasecmp(name, "sqlite_", 7))
		n_clashes++;
	for (size_t i = 0; i < n_clashes; i++)
		tildes[i] = '~';
	return xasprintf("\"%s%s\"", tildes, name);
}

static void table_names_init(struct store_table *st, const struct schema *s, size_t table)
{
	const struct table_schema *t = &s->tables[table];
	size_t n_clashes = 0;

	for (size_t i = 0; i < table; i++)
		n_clashes += !strcasecmp(s->tables[i].name, t->name);
	st->sql_name = sql_identifier(t->name, n_clashes);
	st->sql_columns = xcalloc(t->n_columns ? t->n_columns : 1, sizeof(char *));
	for (size_t i = 0; i < t->n_columns; i++) {
		n_clashes = 0;
		for (size_t j = 0; j < i; j++)
			n_clashes += !strcasecmp(t->columns[j].name, t->columns[i].name);
		st->sql_columns[i] = sql_identifier(t->columns[i].name, n_clashes);
	}
}

void store_tables_init(struct store *s)
{
	size_t n = s->schema->n_tables;

	assert(s->tables == NULL || s->tables == s->old_tables);
	s->tables = xcalloc(n ? n : 1, sizeof(*s->tables));
	for (size_t i = 0; i < n; i++)
		table_names_init(&s->tables[i], s->schema, i);
}

static void update_clear(struct store_update *u)
{
	sqlite3_finalize(u->stmt);
	free(u->has_column);
}

void store_tables_clear(struct store *s)
{
	for (size_t i = 0; s->tables && i < s->schema->n_tables; i++) {
		struct store_table *st = &s->tables[i];

		sqlite3_finalize(st->insert);
		sqlite3_finalize(st->delete);
		for (size_t j = 0; j < STORE_N_UPDATES; j++)
			update_clear(&st->updates[j]);
		for (size_t j = 0; j < s->schema->tables[i].n_columns; j++)
			free(st->sql_columns[j]);
		free(st->sql_columns);
		free(st->sql_name);
	}
	free(s->tables);
	s->tables = NULL;
}

/* `INSERT INTO t VALUES (?,…)`, or with 'is_select' `SELECT _uuid, c, … FROM t`. */
static char *all_columns_sql(const struct store_table *st, const struct table_schema *t,
			     bool is_select)
{
	char *list = xstrdup(is_select ? "\"_uuid\"" : "?");
	char *sql;

	for (size_t i = 0; i < t->n_columns; i++) {
		char *longer;

		if (t->columns[i].ephemeral)
			continue;
		longer = xasprintf("%s, %s", list, is_select ? st->sql_columns[i] : "?");
		free(list);
		list = longer;
	}
	sql = is_select ? xasprintf("SELECT %s FROM %s", list, st->sql_name)
			: xasprintf("INSERT INTO %s VALUES (%s)", st->sql_name, list);
	free(list);
	return sql;
}

/* Takes 'sql', which is NULL if '*stmt' is prepared already. */
static struct err *prepare(struct store *s, sqlite3_stmt **stmt, char *sql)
{
	CLEANUP(freep) char *owned = sql;
	int rc = SQLITE_OK;

	assert(!*stmt == !!owned);
	if (!*stmt)
		rc = sqlite3_prepare_v3(s->db, owned, -1, SQLITE_PREPARE_PERSISTENT, stmt,
					NULL);
	return rc == SQLITE_OK ? NULL : store_error(s, rc, "write");
}

static void bind_uuid(sqlite3_stmt *stmt, int i, const struct uuid *uuid)
{
	char text[UUID_TEXT_BYTES];
	int rc =
		sqlite3_bind_text(stmt, i, uuid_format(uuid, text), -1, SQLITE_TRANSIENT);

	assert(rc == SQLITE_OK);
	(void)rc;
}

/* Runs a statement on one row. 'rc' is the result of binding its 'n' parameters. */
static struct err *run_once(struct store *s, sqlite3_stmt *stmt, int rc, int n)
{
	struct err *e = NULL;

	assert(rc != SQLITE_OK || n == sqlite3_bind_parameter_count(stmt));
	assert(!sqlite3_get_autocommit(s->db)); /* store_begin() */
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	store_note_failure(s, rc);
	if (rc != SQLITE_DONE && rc != SQLITE_OK)
		e = store_error(s, rc, "write");
	else if (sqlite3_changes(s->db) != 1)
		e = err_hint(err_new(ERR_IO,
				     "cannot write %s: another program changed the file",
				     s->path),
			     "restart the process that owns it");
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return e;
}

static struct store_table *table_of(const struct store *s, const struct table_schema *t)
{
	assert(t == &s->schema->tables[t->index]);
	return &s->tables[t->index];
}

struct err *store_insert(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid, const struct datum *const *fields)
{
	struct store_table *st = table_of(s, t);
	struct err *e = prepare(s, &st->insert,
				st->insert ? NULL : all_columns_sql(st, t, false));
	int rc = SQLITE_OK, n = 0;

	if (e)
		return e;
	bind_uuid(st->insert, ++n, uuid);
	for (size_t i = 0; rc == SQLITE_OK && i < t->n_columns; i++) {
		if (!t->columns[i].ephemeral)
			rc = store_value_bind(st->insert, ++n, &t->columns[i], fields[i]);
	}
	return run_once(s, st->insert, rc, n);
}

static bool is_updated(const struct table_schema *t, size_t column,
		       const struct datum *const *fields)
{
	return fields[column] && !t->columns[column].ephemeral;
}

static bool update_fits(const struct store_update *u, const struct table_schema *t,
			const struct datum *const *fields)
{
	if (!u->stmt)
		return false;
	for (size_t i = 0; i < t->n_columns; i++) {
		if (u->has_column[i] != is_updated(t, i, fields))
			return false;
	}
	return true;
}

/* `UPDATE t SET a = ?, b = ? WHERE _uuid = ?` for the columns of 'u'. */
static char *update_sql(const struct store_table *st, const struct table_schema *t,
			const struct store_update *u)
{
	char *list = xstrdup("");
	char *sql;

	for (size_t i = 0; i < t->n_columns; i++) {
		CLEANUP(freep) char *before = NULL;

		if (!u->has_column[i])
			continue;
		before = list;
		list = xasprintf("%s%s%s = ?", before, *before ? ", " : "",
				 st->sql_columns[i]);
	}
	sql = xasprintf("UPDATE %s SET %s WHERE \"_uuid\" = ?", st->sql_name, list);
	free(list);
	return sql;
}

/* Replaces the least recently used statement. */
static struct err *make_update(struct store *s, const struct table_schema *t,
			       const struct datum *const *fields)
{
	struct store_table *st = table_of(s, t);
	struct store_update *last = &st->updates[STORE_N_UPDATES - 1];

	update_clear(last);
	*last = (struct store_update){
		.has_column = xcalloc(t->n_columns, sizeof(bool)),
	};
	for (size_t i = 0; i < t->n_columns; i++)
		last->has_column[i] = is_updated(t, i, fields);
	return prepare(s, &last->stmt, update_sql(st, t, last));
}

/* The statement for these columns, which becomes the first one. */
static struct err *find_update(struct store *s, const struct table_schema *t,
			       const struct datum *const *fields, sqlite3_stmt **ret_stmt)
{
	struct store_update *updates = table_of(s, t)->updates, found;
	size_t i = 0;

	while (i < STORE_N_UPDATES && !update_fits(&updates[i], t, fields))
		i++;
	if (i == STORE_N_UPDATES) {
		struct err *e = make_update(s, t, fields);

		if (e)
			return e;
		i--;
	}
	found = updates[i];
	assert(found.stmt);
	memmove(updates + 1, updates, i * sizeof(*updates));
	updates[0] = found;
	*ret_stmt = found.stmt;
	return NULL;
}

struct err *store_update(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid, const struct datum *const *fields)
{
	sqlite3_stmt *stmt;
	int rc = SQLITE_OK, n = 0;
	size_t first = 0;
	struct err *e;

	while (first < t->n_columns && !is_updated(t, first, fields))
		first++;
	if (first == t->n_columns)
		return NULL;
	e = find_update(s, t, fields, &stmt);
	if (e)
		return e;
	for (size_t i = first; rc == SQLITE_OK && i < t->n_columns; i++) {
		if (is_updated(t, i, fields))
			rc = store_value_bind(stmt, ++n, &t->columns[i], fields[i]);
	}
	bind_uuid(stmt, ++n, uuid);
	return run_once(s, stmt, rc, n);
}

struct err *store_delete(struct store *s, const struct table_schema *t,
			 const struct uuid *uuid)
{
	struct store_table *st = table_of(s, t);
	struct err *e =
		prepare(s, &st->delete,
			st->delete ? NULL
				   : xasprintf("DELETE FROM %s WHERE \"_uuid\" = ?",
					       st->sql_name));

	if (e)
		return e;
	bind_uuid(st->delete, 1, uuid);
	return run_once(s, st->delete, SQLITE_OK, 1);
}

static struct err *bad_row(const struct store *s, const struct table_schema *t,
			   const char *uuid, const struct column_schema *c,
			   struct err *cause)
{
	struct err *e = err_wrap(cause, "%s: %s row %s has a bad value of %s", s->path,
				 t->name, uuid ? uuid : "", c ? c->name : "_uuid");

	e->code = ERR_DAMAGED;
	return err_hint(e, "correct it with sqlite3, or restore the file from a backup");
}

static void clear_fields(const struct table_schema *t, struct datum *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		datum_clear(&fields[i], &t->columns[i].type);
}

/* Reads the current row of 'select'. */
static struct err *read_row(struct store *s, sqlite3_stmt *select,
			    const struct table_schema *t, struct uuid *ret_uuid,
			    struct datum *fields)
{
	const char *text = (const char *)sqlite3_column_text(select, 0);
	struct err *e;
	int n = 1;

	if (!text || !uuid_parse(text, ret_uuid))
		return bad_row(s, t, text, NULL, err_new(ERR_DAMAGED, "not a UUID"));
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];

		if (c->ephemeral) {
			datum_init_default(&fields[i], &c->type);
			continue;
		}
		e = store_value_read(select, n++, c, &fields[i]);
		if (e) {
			clear_fields(t, fields, i);
			return bad_row(s, t, text, c, e);
		}
	}
	assert(n == sqlite3_column_count(select));
	return NULL;
}

struct err *store_load(struct store *s, const struct table_schema *t, store_row_fn *fn,
		       void *aux)
{
	CLEANUP(freep) char *sql = all_columns_sql(table_of(s, t), t, true);
	CLEANUP(freep)
	struct datum *fields = xcalloc(t->n_columns ? t->n_columns : 1, sizeof(*fields));
	sqlite3_stmt *select = NULL;
	struct err *e = NULL;
	int rc;

	if (!schema_stores_table(s->schema, t))
		return NULL;
	rc = sqlite3_prepare_v2(s->db, sql, -1, &select, NULL);
	if (rc != SQLITE_OK)
		return store_error(s, rc, "read");
	while (!e && (rc = sqlite3_step(select)) == SQLITE_ROW) {
		struct uuid uuid;

		e = read_row(s, select, t, &uuid, fields);
		if (!e)
			e = fn(aux, t, &uuid, fields);
	}
	if (!e && rc != SQLITE_DONE)
		e = store_error(s, rc, "read");
	sqlite3_finalize(select);
	return e;
}
