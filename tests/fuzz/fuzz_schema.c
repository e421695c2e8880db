/* Schemas: schema_from_json(), schema_to_json(), and a database made of each.
 *
 * Input: a schema. Laws: its normalised form is a schema with the same normalised form;
 * every name is found; a default value fits its column's count and survives JSON; an
 * empty database of that schema is whole. */
#include "fuzz.h"

#include "ovsdb-lite/datum.h"
#include "ovsdb-lite/schema.h"

#include <stdlib.h>
#include <string.h>

static void check_default(const struct column_schema *c)
{
	struct datum d, again;
	struct json_object *json;

	datum_init_default(&d, &c->type);
	fuzz_must(datum_check_count(&d, &c->type));
	LAW(datum_is_default(&d, &c->type));
	json = datum_to_json(&d, &c->type);
	/* The default may be forbidden by a range, which is then an error and no more. */
	if (fuzz_ok(datum_from_json(&again, &c->type, json, NULL))) {
		LAW(datum_equals(&d, &again, &c->type));
		datum_clear(&again, &c->type);
	}
	json_free(json);
	datum_clear(&d, &c->type);
}

static void check_table(const struct schema *s, const struct table_schema *t)
{
	LAW(schema_find_table(s, t->name) == t);
	LAW(t->n_columns && t->max_rows);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];
		char *text = column_type_text(&c->type);

		LAW(table_schema_find(t, c->name) == c && c->index == i && *text);
		check_default(c);
		free(text);
	}
}

static void check_schema(struct schema *s)
{
	struct json_object *json = schema_to_json(s), *json_again;
	struct schema *again;
	struct db *db;

	fuzz_must(schema_from_json(json, &again));
	json_again = schema_to_json(again);
	LAW(fuzz_same_text(json, json_again));
	json_free(json);
	json_free(json_again);
	schema_free(again);
	for (size_t i = 0; i < s->n_tables; i++)
		check_table(s, &s->tables[i]);
	db = db_new_in_memory(s);
	fuzz_check_db(db);
	db_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct json_object *json = fuzz_next(&in);
	struct schema *s;

	if (json && fuzz_ok(schema_from_json(json, &s)))
		check_schema(s);
	json_free(json);
	return 0;
}
