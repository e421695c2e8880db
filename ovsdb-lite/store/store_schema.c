/* The database's tables as SQL tables, and the comparison of a file's schema with the one
 * that a program was built for. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *make_table_sql(const struct store *s, size_t table)
{
	const struct table_schema *t = &s->schema->tables[table];
	const struct store_table *st = &s->tables[table];
	char *sql = xasprintf("CREATE TABLE %s (\"_uuid\" TEXT PRIMARY KEY NOT NULL",
			      st->sql_name);
	char *end;

	for (size_t i = 0; i < t->n_columns; i++) {
		CLEANUP(freep) char *before = NULL;

		if (t->columns[i].ephemeral)
			continue;
		before = sql;
		sql = xasprintf("%s, %s %s", before, st->sql_columns[i],
				store_value_type(&t->columns[i]));
	}
	end = xasprintf("%s) WITHOUT ROWID", sql);
	free(sql);
	return end;
}

static struct err *write_meta(struct store *s, const char *key, const char *value)
{
	char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO \"_meta\" VALUES (%Q, %Q)",
				    key, value);
	struct err *e = store_run(s, sql);

	sqlite3_free(sql);
	return e;
}

struct err *store_write_schema(struct store *s)
{
	struct json_object *json = schema_to_json(s->schema);
	CLEANUP(freep) char *text = json_text(json);

	json_free(json);
	return write_meta(s, "schema", text);
}

struct err *store_make_meta(struct store *s)
{
	char identity[UUID_TEXT_BYTES];
	struct err *e =
		store_run(s, "CREATE TABLE \"_meta\" (\"key\" TEXT PRIMARY KEY NOT NULL,"
			     " \"value\" TEXT NOT NULL) WITHOUT ROWID");

	if (!e)
		e = write_meta(s, "format", STORE_FORMAT);
	if (!e)
		e = write_meta(s, "identity", uuid_format(&s->identity, identity));
	return e ? e : store_write_schema(s);
}

/* After a restart an ephemeral column has its default. For a reference that may not be
 * empty this would be the UUID of zeros, which no row has. */
static struct err *check_ephemeral(const struct store *s, const struct table_schema *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];
		bool is_reference = c->type.key.ref != REF_NONE ||
				    (c->type.is_map && c->type.value.ref != REF_NONE);

		if (c->ephemeral && c->type.n_min && is_reference)
			return err_hint(err_new(ERR_INVALID,
						"cannot use the schema for %s: column %s "
						"of table %s "
						"is ephemeral and refers to rows",
						s->path, c->name, t->name),
					"let it be empty (\"min\": 0 in the schema)");
	}
	return NULL;
}

struct err *store_make_tables(struct store *s)
{
	struct err *e = NULL;

	assert(s->tables);
	for (size_t i = 0; !e && i < s->schema->n_tables; i++) {
		CLEANUP(freep) char *sql = NULL;

		e = check_ephemeral(s, &s->schema->tables[i]);
		if (e || !schema_stores_table(s->schema, &s->schema->tables[i]))
			continue;
		sql = make_table_sql(s, i);
		e = store_run(s, sql);
	}
	return e;
}

/* Ignores the checksums: no program checks that they match the tables. */
static bool same_tables(const struct schema *a, const struct schema *b)
{
	struct json_object *ja = schema_to_json(a), *jb = schema_to_json(b);
	bool same = json_equals(json_member(ja, "tables"), json_member(jb, "tables"));

	json_free(ja);
	json_free(jb);
	return same;
}

struct err *store_check_schema(const struct store *s, const struct schema *wanted)
{
	const struct schema *have = s->schema;
	int cmp = schema_version_cmp(have->version, wanted->version);

	if (strcmp(have->name, wanted->name) != 0)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s contains database %s, not %s", s->path,
					have->name, wanted->name),
				"name another file");
	if (cmp > 0)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s has version %s of schema %s, newer than this "
					"program's (%s)",
					s->path, schema_version_text(have), have->name,
					schema_version_text(wanted)),
				"install the newer program that wrote it");
	if (!cmp && !same_tables(have, wanted))
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"schema %s of %s differs from this program's, but "
				"both have version %s",
				have->name, s->path, schema_version_text(have)),
			"convert it with `ovsdb-lite convert %s SCHEMA`", s->path);
	return NULL;
}
