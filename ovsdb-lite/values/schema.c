/* Schemas in memory and back to JSON in the normalised form. Reading them is
 * schema_parse.c's. */
#include "ovsdb-lite/values/schema.h"

#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/schema_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const atom_type_names[] = {
	[ATOM_INTEGER] = "integer", [ATOM_REAL] = "real", [ATOM_BOOLEAN] = "boolean",
	[ATOM_STRING] = "string",   [ATOM_UUID] = "uuid",
};

const char *atom_type_name(enum atom_type type)
{
	return atom_type_names[type];
}

bool atom_type_from_name(const char *name, enum atom_type *ret_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(atom_type_names); i++) {
		if (!strcmp(name, atom_type_names[i])) {
			*ret_type = (enum atom_type)i;
			return true;
		}
	}
	return false;
}

void base_type_init(struct base_type *b, enum atom_type type)
{
	*b = (struct base_type){
		.type = type,
		.min_integer = INT64_MIN,
		.max_integer = INT64_MAX,
		.min_real = -INFINITY,
		.max_real = INFINITY,
		.max_length = UINT32_MAX,
	};
}

void base_type_clear(struct base_type *b)
{
	struct column_type t = set_type(b->type);

	if (!b->allowed)
		return;
	datum_clear(b->allowed, &t);
	free(b->allowed);
	b->allowed = NULL;
}

struct column_type set_type(enum atom_type type)
{
	struct column_type t = {.n_min = 1, .n_max = TYPE_UNLIMITED};

	base_type_init(&t.key, type);
	base_type_init(&t.value, ATOM_INTEGER);
	return t;
}

void column_type_clear(struct column_type *t)
{
	base_type_clear(&t->key);
	base_type_clear(&t->value);
}

bool column_type_is_scalar(const struct column_type *t)
{
	return !t->is_map && t->n_min == 1 && t->n_max == 1;
}

bool column_type_is_optional(const struct column_type *t)
{
	return !t->is_map && t->n_max == 1;
}

char *column_type_text(const struct column_type *t)
{
	const char *key = atom_type_name(t->key.type);

	if (t->is_map)
		return xasprintf("a map of %ss to %ss", key,
				 atom_type_name(t->value.type));
	if (t->n_max > 1)
		return xasprintf("a set of %ss", key);
	if (!t->n_min)
		return xasprintf("an optional %s", key);
	return xasprintf("%s %s", t->key.type == ATOM_INTEGER ? "an" : "a", key);
}

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

/* The constraints of 'b' as members; none if it has none. */
static struct json_object *constraints_to_json(const struct base_type *b)
{
	struct json_object *o = json_object();
	struct column_type t = set_type(b->type);

	if (b->allowed)
		json_put(o, "enum", datum_to_json(b->allowed, &t));
	if (b->min_integer != INT64_MIN)
		json_put(o, "minInteger", json_integer(b->min_integer));
	if (b->max_integer != INT64_MAX)
		json_put(o, "maxInteger", json_integer(b->max_integer));
	if (isfinite(b->min_real))
		json_put(o, "minReal", json_real(b->min_real));
	if (isfinite(b->max_real))
		json_put(o, "maxReal", json_real(b->max_real));
	if (b->min_length)
		json_put(o, "minLength", json_integer(b->min_length));
	if (b->max_length != UINT32_MAX)
		json_put(o, "maxLength", json_integer(b->max_length));
	if (b->ref != REF_NONE)
		json_put(o, "refTable", json_string(b->ref_table->name));
	if (b->ref == REF_WEAK)
		json_put(o, "refType", json_string("weak"));
	return o;
}

static struct json_object *base_type_to_json(const struct base_type *b)
{
	struct json_object *o = constraints_to_json(b);

	if (!json_get_length(o)) {
		json_free(o);
		return json_string(atom_type_name(b->type));
	}
	json_put(o, "type", json_string(atom_type_name(b->type)));
	return o;
}

struct json_object *column_type_to_json(const struct column_type *t)
{
	struct json_object *key = base_type_to_json(&t->key), *o;

	if (column_type_is_scalar(t) && json_kind(key) == JSON_STRING)
		return key;
	o = json_object();
	json_put(o, "key", key);
	if (t->is_map)
		json_put(o, "value", base_type_to_json(&t->value));
	if (t->n_min != 1)
		json_put(o, "min", json_integer(t->n_min));
	if (t->n_max == TYPE_UNLIMITED)
		json_put(o, "max", json_string("unlimited"));
	else if (t->n_max != 1)
		json_put(o, "max", json_integer(t->n_max));
	return o;
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

	/* Where all are roots, "isRoot" says nothing: without it they are roots as well
	 * (RFC 7047 3.2). */
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
