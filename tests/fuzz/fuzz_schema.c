/* Schemas: schema_from_json(), schema_to_json(), and a database made of each.
 *
 * Input: a schema. Laws: its normalised form is a schema with the same normalised form;
 * every name is found; a default value fits its column's count and survives JSON; an
 * empty database of that schema is whole. */
#include "fuzz.h"

#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

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

static bool same_reals(double a, double b)
{
	return !(a < b) && !(a > b);
}

static void check_same_base(const struct base_type *a, const struct base_type *b)
{
	const struct column_type set = {.key = {.type = a->type}};

	LAW(a->type == b->type && a->ref == b->ref);
	LAW(a->min_integer == b->min_integer && a->max_integer == b->max_integer);
	LAW(same_reals(a->min_real, b->min_real) && same_reals(a->max_real, b->max_real));
	LAW(a->min_length == b->min_length && a->max_length == b->max_length);
	LAW(!a->allowed == !b->allowed);
	LAW(!a->allowed || datum_equals(a->allowed, b->allowed, &set));
	LAW(!a->ref_table == !b->ref_table);
	LAW(!a->ref_table || !strcmp(a->ref_table->name, b->ref_table->name));
}

static void check_same_column(const struct column_schema *a,
			      const struct column_schema *b)
{
	LAW(!strcmp(a->name, b->name) && a->index == b->index);
	LAW(a->ephemeral == b->ephemeral && a->is_mutable == b->is_mutable);
	LAW(a->type.n_min == b->type.n_min && a->type.n_max == b->type.n_max);
	LAW(a->type.is_map == b->type.is_map);
	check_same_base(&a->type.key, &b->type.key);
	if (a->type.is_map)
		check_same_base(&a->type.value, &b->type.value);
}

static void check_same_table(const struct table_schema *a, const struct table_schema *b)
{
	LAW(!strcmp(a->name, b->name) && a->index == b->index);
	LAW(a->max_rows == b->max_rows && a->is_root == b->is_root);
	LAW(a->n_columns == b->n_columns && a->n_indexes == b->n_indexes);
	for (size_t i = 0; i < a->n_columns; i++)
		check_same_column(&a->columns[i], &b->columns[i]);
	for (size_t i = 0; i < a->n_indexes; i++) {
		LAW(a->indexes[i].n_columns == b->indexes[i].n_columns);
		for (size_t k = 0; k < a->indexes[i].n_columns; k++)
			LAW(a->indexes[i].columns[k]->index ==
			    b->indexes[i].columns[k]->index);
	}
}

static void check_same(const struct schema *a, const struct schema *b)
{
	LAW(!strcmp(a->name, b->name) && !strcmp(a->version, b->version));
	LAW(!a->cksum == !b->cksum && (!a->cksum || !strcmp(a->cksum, b->cksum)));
	LAW(a->n_tables == b->n_tables);
	for (size_t i = 0; i < a->n_tables; i++)
		check_same_table(&a->tables[i], &b->tables[i]);
}

static void check_schema(struct schema *s)
{
	struct json_object *json = schema_to_json(s), *json_again;
	struct schema *again;
	struct db *db;

	fuzz_must(schema_from_json(json, &again));
	check_same(s, again);
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
