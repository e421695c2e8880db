/* Schemas in memory, and back to JSON in the normalised form. */
#include "ovsdb-lite/values/schema.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/datum.h"

#include <stdio.h>
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

int schema_version_cmp(const char *a, const char *b)
{
	unsigned int va[3] = {0}, vb[3] = {0};

	if (sscanf(a, "%u.%u.%u", &va[0], &va[1], &va[2]) != 3 ||
	    sscanf(b, "%u.%u.%u", &vb[0], &vb[1], &vb[2]) != 3)
		return strcmp(a, b);
	for (size_t i = 0; i < ARRAY_SIZE(va); i++) {
		if (va[i] != vb[i])
			return va[i] < vb[i] ? -1 : 1;
	}
	return 0;
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

static bool base_type_extends(const struct base_type *b, const struct base_type *old)
{
	if (b->type != old->type || b->ref != old->ref ||
	    (b->ref && strcmp(b->ref_table->name, old->ref_table->name) != 0))
		return false;
	if (b->allowed) {
		const struct datum *values = old->allowed;

		for (uint32_t i = 0; values && i < values->n; i++) {
			if (datum_find(b->allowed, &datum_keys(values)[i], b->type) < 0)
				return false;
		}
		if (!values)
			return false;
	}
	return b->min_integer <= old->min_integer && b->max_integer >= old->max_integer &&
	       b->min_real <= old->min_real && b->max_real >= old->max_real &&
	       b->min_length <= old->min_length && b->max_length >= old->max_length;
}

static bool column_extends(const struct column_schema *c, const struct column_schema *old)
{
	return c && !c->ephemeral && c->type.is_map == old->type.is_map &&
	       c->type.n_min <= old->type.n_min && c->type.n_max >= old->type.n_max &&
	       base_type_extends(&c->type.key, &old->type.key) &&
	       (!c->type.is_map || base_type_extends(&c->type.value, &old->type.value));
}

bool schema_extends(const struct schema *s, const struct schema *old)
{
	for (size_t i = 0; i < old->n_tables; i++) {
		const struct table_schema *from = &old->tables[i];
		const struct table_schema *to = schema_find_table(s, from->name);

		if (!to)
			return false;
		for (size_t k = 0; k < from->n_columns; k++) {
			const struct column_schema *c = &from->columns[k];

			if (!c->ephemeral &&
			    !column_extends(table_schema_find(to, c->name), c))
				return false;
		}
	}
	return true;
}
