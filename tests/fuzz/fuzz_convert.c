/* Conversion: a database with a file is given one schema after another.
 *
 * Input: JSON values that are done one after another. An array is a transaction, on the
 * tables of fuzz_referring at first; an object is the schema to convert to. Laws: after
 * an error all is as it was; else the database has that schema and is whole, each row is
 * one that was there, each column that was there before has its value, each new one its
 * default; a restart finds the same; the same schema once more changes nothing. */
#include "fuzz.h"
#include "then.h"

#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

#include <stdlib.h>
#include <string.h>

static void open_db(const struct schema *schema, struct db **ret_db)
{
	CLEANUP(freep) char *path = xasprintf("%s/db", fuzz_folder());

	fuzz_must(db_open(path, schema, ret_db));
}

static char *schema_text(const struct schema *s)
{
	struct json_object *json = schema_to_json(s);
	char *text = json_text(json);

	json_free(json);
	return text;
}

/* The values that must be kept: {TABLE: {UUID: {COLUMN: VALUE}}}. References may shrink,
 * ephemeral columns be forgotten. Owned by the caller. */
static struct json_object *values(const struct db *db)
{
	struct json_object *tables = json_object();

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table_schema *ts = &db_schema(db)->tables[i];
		struct json_object *rows = json_object();

		TABLE_FOR_EACH (r, db_table_at(db, i)) {
			struct json_object *columns = json_object();
			char uuid[UUID_TEXT_BYTES];

			for (size_t k = 0; k < ts->n_columns; k++) {
				const struct column_schema *c = &ts->columns[k];

				if (!c->ephemeral && c->type.key.ref == REF_NONE &&
				    !(c->type.is_map && c->type.value.ref != REF_NONE))
					json_put(columns, c->name,
						 datum_to_json(row_get(r, c), &c->type));
			}
			json_put(rows, uuid_format(row_uuid(r), uuid), columns);
		}
		json_put(tables, ts->name, rows);
	}
	return tables;
}

/* 'had' and 'has' are values() of one row before and after. */
static void check_kept(const struct json_object *had, const struct json_object *has)
{
	for (struct json_iter i = json_iter_begin(has); json_iter_next(&i);) {
		const struct json_object *value = json_member(had, i.name);

		LAW(!value || json_equals(value, i.value));
	}
}

static void check_all_kept(const struct json_object *before, const struct db *db)
{
	struct json_object *after = values(db);

	for (struct json_iter t = json_iter_begin(after); json_iter_next(&t);) {
		const struct json_object *had = json_member(before, t.name);

		for (struct json_iter r = json_iter_begin(t.value); json_iter_next(&r);) {
			LAW(had && json_member(had, r.name));
			check_kept(json_member(had, r.name), r.value);
		}
	}
	json_free(after);
}

/* A column of a name that its table had not. */
static void check_new_columns(const struct db *db,
			      const struct json_object *before_schema)
{
	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table_schema *ts = &db_schema(db)->tables[i];
		const struct json_object *had =
			json_member(json_member(before_schema, "tables"), ts->name);

		for (size_t k = 0; had && k < ts->n_columns; k++) {
			const struct column_schema *c = &ts->columns[k];

			if (json_member(json_member(had, "columns"), c->name))
				continue;
			TABLE_FOR_EACH (r, db_table_at(db, i))
				LAW(datum_is_default(row_get(r, c), &c->type));
		}
	}
}

/* A restart finds the same. */
static void check_restart(struct db **db, const struct schema *schema)
{
	CLEANUP(freep) char *before = dump_then(*db, NULL, false), *after = NULL;
	CLEANUP(freep) char *want = schema_text(schema), *have = NULL;

	db_close(*db);
	open_db(NULL, db);
	after = dump_then(*db, NULL, false);
	have = schema_text(db_schema(*db));
	LAW(!strcmp(before, after));
	LAW(!strcmp(want, have));
}

static void check_same_again(struct db *db, const struct schema *schema)
{
	CLEANUP(freep) char *before = dump_then(db, NULL, false), *after = NULL;

	fuzz_must(db_convert(db, schema));
	after = dump_then(db, NULL, false);
	LAW(!strcmp(before, after));
	fuzz_check_db(db);
}

static void convert(struct db **db, const struct schema *schema)
{
	CLEANUP(freep) char *dump = dump_then(*db, NULL, true), *again = NULL;
	struct json_object *had = values(*db),
			   *had_schema = schema_to_json(db_schema(*db));
	char *want = schema_text(schema), *have;

	if (fuzz_ok(db_convert(*db, schema))) {
		have = schema_text(db_schema(*db));
		LAW(!strcmp(want, have));
		fuzz_check_db(*db);
		check_all_kept(had, *db);
		check_new_columns(*db, had_schema);
		check_same_again(*db, schema);
		check_restart(db, schema);
	} else {
		struct json_object *has_schema = schema_to_json(db_schema(*db));

		again = dump_then(*db, NULL, true);
		have = NULL;
		LAW(!strcmp(dump, again));
		LAW(fuzz_same_text(had_schema, has_schema));
		fuzz_check_db(*db);
		json_free(has_schema);
	}
	json_free(had);
	json_free(had_schema);
	free(want);
	free(have);
}

static void step(struct db **db, const struct json_object *json)
{
	struct schema *schema;

	if (json_kind(json) == JSON_ARRAY) {
		json_free(fuzz_transact(*db, json_clone(json)));
		fuzz_check_db(*db);
	} else if (json_kind(json) == JSON_OBJECT &&
		   fuzz_ok(schema_from_json(json, &schema))) {
		convert(db, schema);
		schema_free(schema);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct schema *schema = fuzz_schema(fuzz_referring);
	struct json_object *json;
	struct db *db;

	fuzz_restart_uuids();
	open_db(schema, &db);
	schema_free(schema);
	fuzz_insert_referring(db);
	while ((json = fuzz_next(&in))) {
		step(&db, json);
		json_free(json);
	}
	db_close(db);
	fuzz_empty_folder();
	return 0;
}
