/* Schemas in memory, and back to JSON in the normalised form. */
#include "ovsdb-lite/values/schema.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

static void free_table(struct table_schema *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		free(t->columns[i].name);
		column_type_clear(&t->columns[i].type);
	}
	for (size_t i = 0; i < t->n_indexes; i++)
		free(t->indexes[i].columns);
	free(t->columns);
	free(t->indexes);
	free(t->name);
}

const char *schema_version_text(const struct schema *s)
{
	return *s->version ? s->version : "none";
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_tables; i++)
		free_table(&s->tables[i]);
	free(s->tables);
	free(s->name);
	free(s->version);
	free(s->cksum);
	free(s);
}

static int cmp_table_name(const void *name, const void *table)
{
	return strcmp(name, ((const struct table_schema *)table)->name);
}

static int cmp_column_name(const void *name, const void *column)
{
	return strcmp(name, ((const struct column_schema *)column)->name);
}

const struct table_schema *schema_find_table(const struct schema *s, const char *name)
{
	if (!s->n_tables)
		return NULL;
	return bsearch(name, s->tables, s->n_tables, sizeof(*s->tables), cmp_table_name);
}

const struct column_schema *table_schema_find(const struct table_schema *t,
					      const char *name)
{
	if (!t->n_columns)
		return NULL;
	return bsearch(name, t->columns, t->n_columns, sizeof(*t->columns),
		       cmp_column_name);
}

static struct json_object *column_to_json(const struct column_schema *c)
{
	struct json_object *o = json_object();

	json_put(o, "type", column_type_to_json(&c->type));
	if (c->ephemeral)
		json_put(o, "ephemeral", json_boolean(true));
	if (!c->is_mutable)
		json_put(o, "mutable", json_boolean(false));
	return o;
}

static struct json_object *indexes_to_json(const struct table_schema *t)
{
	struct json_object *indexes = json_array();

	for (size_t i = 0; i < t->n_indexes; i++) {
		struct json_object *columns = json_array();

		for (size_t k = 0; k < t->indexes[i].n_columns; k++)
			json_add(columns, json_string(t->indexes[i].columns[k]->name));
		json_add(indexes, columns);
	}
	return indexes;
}

static struct json_object *table_to_json(const struct table_schema *t,
					 bool roots_by_default)
{
	struct json_object *o = json_object(), *columns = json_object();

	for (size_t i = 0; i < t->n_columns; i++)
		json_put(columns, t->columns[i].name, column_to_json(&t->columns[i]));
	json_put(o, "columns", columns);
	if (t->max_rows != UINT64_MAX)
		json_put(o, "maxRows", json_integer((int64_t)t->max_rows));
	if (t->is_root && !roots_by_default)
		json_put(o, "isRoot", json_boolean(true));
	if (t->n_indexes)
		json_put(o, "indexes", indexes_to_json(t));
	return o;
}

struct json_object *schema_to_json(const struct schema *s)
{
	struct json_object *o = json_object(), *tables = json_object();
	bool all_roots = true;

	/* If no table has "isRoot", all are roots (RFC 7047 3.2): it is left out then. */
	for (size_t i = 0; i < s->n_tables; i++)
		all_roots = all_roots && s->tables[i].is_root;
	for (size_t i = 0; i < s->n_tables; i++)
		json_put(tables, s->tables[i].name,
			 table_to_json(&s->tables[i], all_roots));
	json_put(o, "name", json_string(s->name));
	if (*s->version)
		json_put(o, "version", json_string(s->version));
	if (s->cksum)
		json_put(o, "cksum", json_string(s->cksum));
	json_put(o, "tables", tables);
	return o;
}

static bool refers_strongly(const struct column_type *t, const struct table_schema *to)
{
	return (t->key.ref == REF_STRONG && t->key.ref_table == to) ||
	       (t->is_map && t->value.ref == REF_STRONG && t->value.ref_table == to);
}

bool schema_stores_table(const struct schema *schema, const struct table_schema *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (!t->columns[i].ephemeral)
			return true;
	}
	for (size_t i = 0; i < schema->n_tables; i++) {
		const struct table_schema *from = &schema->tables[i];

		for (size_t j = 0; j < from->n_columns; j++) {
			if (!from->columns[j].ephemeral &&
			    refers_strongly(&from->columns[j].type, t))
				return true;
		}
	}
	return !t->n_columns;
}
