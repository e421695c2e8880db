/* Schemas from JSON (RFC 7047 3.2). Errors name the table and the column. */
#include "ovsdb-lite/values/schema.h"

#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct member {
	const char *name;
	const struct json_object *value;
};

static int cmp_members(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* The members in the order of their names, owned by the caller; each name an <id> that is
 * not reserved. */
static struct err *sorted_members(const struct json_object *object, const char *what,
				  struct member **ret_members)
{
	struct member *members = xcalloc(json_get_length(object), sizeof(*members));
	size_t n = 0;

	for (struct json_iter i = json_iter_begin(object); json_iter_next(&i);) {
		struct err *e = NULL;

		if (*i.name == '_')
			e = err_new(ERR_SYNTAX,
				    "names beginning with \"_\" are reserved: %s %s",
				    what, i.name);
		else if (!json_is_id(i.name))
			e = err_new(
				ERR_SYNTAX,
				"\"%s\" cannot be a %s's name: only letters, digits and "
				"underscores may be in it, and no digit first",
				i.name, what);
		if (e) {
			free(members);
			return e;
		}
		members[n++] = (struct member){i.name, i.value};
	}
	qsort(members, n, sizeof(*members), cmp_members);
	*ret_members = members;
	return NULL;
}

static struct err *parse_enum(struct base_type *b, const struct json_object *json)
{
	struct column_type t = column_type_of_enum(b->type);
	struct datum d;
	struct err *e = datum_from_json(&d, &t, json, NULL);

	if (!e)
		b->allowed = xmemdup(&d, sizeof(d));
	return e;
}

static void take_integer(struct json_fields *f, const char *name, int64_t *value)
{
	const struct json_object *v =
		json_fields_take_optional(f, name, JSON_MASK(JSON_INTEGER));

	if (v)
		*value = json_get_integer(v);
}

static void take_real(struct json_fields *f, const char *name, double *value)
{
	const struct json_object *v =
		json_fields_take_optional(f, name, JSON_MASK_NUMBER);

	if (v)
		*value = json_get_real(v);
}

static struct err *parse_lengths(struct base_type *b, int64_t min, int64_t max)
{
	if (min < 0 || min > UINT32_MAX)
		return err_new(ERR_SYNTAX, "minLength must be 0 to %" PRIu32, UINT32_MAX);
	if (max < 0 || max > UINT32_MAX)
		return err_new(ERR_SYNTAX, "maxLength must be 0 to %" PRIu32, UINT32_MAX);
	b->min_length = (uint32_t)min;
	b->max_length = (uint32_t)max;
	return NULL;
}

static struct err *parse_reference(struct base_type *b, const struct schema *s,
				   const char *table, const char *type)
{
	b->ref_table = schema_find_table(s, table);
	if (!b->ref_table)
		return err_new(ERR_SYNTAX, "refers to undefined table %s", table);
	b->ref = REF_STRONG;
	if (type && !strcmp(type, "weak"))
		b->ref = REF_WEAK;
	else if (type && strcmp(type, "strong"))
		return err_new(ERR_SYNTAX,
			       "refType must be \"strong\" or \"weak\", not \"%s\"",
			       type);
	return NULL;
}

static struct err *check_bounds(const struct base_type *b)
{
	if (b->min_integer > b->max_integer)
		return err_new(ERR_SYNTAX, "minInteger exceeds maxInteger");
	if (b->min_real > b->max_real)
		return err_new(ERR_SYNTAX, "minReal exceeds maxReal");
	if (b->min_length > b->max_length)
		return err_new(ERR_SYNTAX, "minLength exceeds maxLength");
	return NULL;
}

/* The members that 'b->type' allows besides "type". As with ovsdb-server, "enum" excludes
 * all others. */
static struct err *parse_constraints(struct base_type *b, const struct schema *s,
				     struct json_fields *f)
{
	const struct json_object *allowed =
		json_fields_take_optional(f, "enum", JSON_MASK_ANY);
	const struct json_object *table = NULL, *ref_type = NULL;
	int64_t min_length = 0, max_length = UINT32_MAX;
	struct err *e;

	if (!allowed && b->type == ATOM_INTEGER) {
		take_integer(f, "minInteger", &b->min_integer);
		take_integer(f, "maxInteger", &b->max_integer);
	} else if (!allowed && b->type == ATOM_REAL) {
		take_real(f, "minReal", &b->min_real);
		take_real(f, "maxReal", &b->max_real);
	} else if (!allowed && b->type == ATOM_STRING) {
		take_integer(f, "minLength", &min_length);
		take_integer(f, "maxLength", &max_length);
	} else if (!allowed && b->type == ATOM_UUID) {
		table = json_fields_take_optional(f, "refTable", JSON_MASK(JSON_STRING));
		if (table)
			ref_type = json_fields_take_optional(f, "refType",
							     JSON_MASK(JSON_STRING));
	}
	e = json_fields_end(f);
	if (!e && allowed)
		e = parse_enum(b, allowed);
	if (!e && table)
		e = parse_reference(b, s, json_get_string(table),
				    ref_type ? json_get_string(ref_type) : NULL);
	if (!e)
		e = parse_lengths(b, min_length, max_length);
	return e ? e : check_bounds(b);
}

static struct err *parse_atom_type(const struct json_object *json, struct base_type *b)
{
	enum atom_type type;

	if (!atom_type_from_name(json_get_string(json), &type))
		return err_new(ERR_SYNTAX, "\"%s\" is not an atomic-type",
			       json_get_string(json));
	base_type_init(b, type);
	return NULL;
}

/* 'b' may hold an enum after an error, too. */
static struct err *parse_base_type(const struct json_object *json, const struct schema *s,
				   struct base_type *b)
{
	const struct json_object *type;
	struct json_fields f;
	struct err *e;

	if (json_kind(json) == JSON_STRING)
		return parse_atom_type(json, b);
	f = json_fields_begin(json, "ovsdb type");
	type = json_fields_take(&f, "type", JSON_MASK(JSON_STRING));
	if (!type)
		return json_fields_end(&f);
	e = parse_atom_type(type, b);
	if (e) {
		err_free(json_fields_end(&f));
		return e;
	}
	return parse_constraints(b, s, &f);
}

static struct err *parse_counts(const struct json_object *min,
				const struct json_object *max, struct column_type *t)
{
	int64_t n;

	if (min) {
		n = json_get_integer(min);
		if (n != 0 && n != 1)
			return json_syntax_error(min, "min must be 0 or 1");
		t->n_min = (uint32_t)n;
	}
	if (max && json_kind(max) == JSON_STRING) {
		if (strcmp(json_get_string(max), "unlimited"))
			return json_syntax_error(max,
						 "max must be a number or \"unlimited\"");
		t->n_max = TYPE_UNLIMITED;
	} else if (max) {
		n = json_get_integer(max);
		if (n < 1 || n >= TYPE_UNLIMITED)
			return json_syntax_error(
				max, "max must be at least 1, or \"unlimited\"");
		t->n_max = (uint32_t)n;
	}
	return NULL;
}

/* 't' may hold an enum after an error, too. */
static struct err *parse_column_type(const struct json_object *json,
				     const struct schema *s, struct column_type *t)
{
	const struct json_object *key, *value, *min, *max;
	struct json_fields f;
	struct err *e;

	*t = (struct column_type){.n_min = 1, .n_max = 1};
	base_type_init(&t->key, ATOM_INTEGER);
	base_type_init(&t->value, ATOM_INTEGER);
	if (json_kind(json) == JSON_STRING)
		return parse_atom_type(json, &t->key);
	f = json_fields_begin(json, "ovsdb type");
	key = json_fields_take(&f, "key",
			       JSON_MASK(JSON_STRING) | JSON_MASK(JSON_OBJECT));
	value = json_fields_take_optional(
		&f, "value", JSON_MASK(JSON_STRING) | JSON_MASK(JSON_OBJECT));
	min = json_fields_take_optional(&f, "min", JSON_MASK(JSON_INTEGER));
	max = json_fields_take_optional(&f, "max",
					JSON_MASK(JSON_INTEGER) | JSON_MASK(JSON_STRING));
	e = json_fields_end(&f);
	if (!e)
		e = parse_base_type(key, s, &t->key);
	if (!e && value) {
		t->is_map = true;
		e = parse_base_type(value, s, &t->value);
	}
	return e ? e : parse_counts(min, max, t);
}

static bool get_flag(const struct json_object *v, bool if_missing)
{
	return v ? json_get_boolean(v) : if_missing;
}

static struct err *parse_column(const struct json_object *json, const struct schema *s,
				struct column_schema *c)
{
	struct json_fields f = json_fields_begin(json, "schema for column %s", c->name);
	const struct json_object *type = json_fields_take(
		&f, "type", JSON_MASK(JSON_STRING) | JSON_MASK(JSON_OBJECT));
	const struct json_object *ephemeral =
		json_fields_take_optional(&f, "ephemeral", JSON_MASK(JSON_BOOLEAN));
	const struct json_object *is_mutable =
		json_fields_take_optional(&f, "mutable", JSON_MASK(JSON_BOOLEAN));
	struct err *e = json_fields_end(&f);

	if (e)
		return e;
	c->ephemeral = get_flag(ephemeral, false);
	c->is_mutable = get_flag(is_mutable, true);
	e = parse_column_type(type, s, &c->type);
	return e ? err_wrap(e, "Parsing schema for column %s failed", c->name) : NULL;
}

static struct err *parse_columns(const struct json_object *json, const struct schema *s,
				 struct table_schema *t)
{
	struct member *members;
	struct err *e = sorted_members(json, "column", &members);
	size_t n = json_get_length(json);

	if (e)
		return e;
	if (!n)
		e = err_new(ERR_SYNTAX, "table must have at least one column");
	t->columns = xcalloc(n, sizeof(*t->columns));
	while (t->n_columns < n && !e) {
		struct column_schema *c = &t->columns[t->n_columns];

		c->index = (unsigned int)t->n_columns;
		c->name = xstrdup(members[t->n_columns++].name);
		e = parse_column(members[c->index].value, s, c);
	}
	free(members);
	return e;
}

static struct err *parse_index(const struct json_object *json,
			       const struct table_schema *t, struct index_schema *index)
{
	size_t n = json_kind(json) == JSON_ARRAY ? json_get_length(json) : 0;

	if (!n)
		return json_syntax_error(
			json, "an index must be an array of at least one column");
	index->columns = xcalloc(n, sizeof(struct column_schema *));
	for (size_t i = 0; i < n; i++) {
		const struct json_object *name = json_at(json, i);
		const struct column_schema *c =
			json_kind(name) == JSON_STRING
				? table_schema_find(t, json_get_string(name))
				: NULL;

		if (!c)
			return json_syntax_error(name,
						 "an index names no column of its table");
		for (size_t k = 0; k < i; k++) {
			if (index->columns[k] == c)
				return json_syntax_error(json,
							 "an index names a column twice");
		}
		index->columns[index->n_columns++] = c;
	}
	return NULL;
}

static struct err *parse_indexes(const struct json_object *json, struct table_schema *t)
{
	size_t n = json_get_length(json);
	struct err *e = NULL;

	t->indexes = xcalloc(n, sizeof(*t->indexes));
	while (t->n_indexes < n && !e) {
		size_t i = t->n_indexes++;

		e = parse_index(json_at(json, i), t, &t->indexes[i]);
	}
	return e;
}

static struct err *parse_table(const struct json_object *json, const struct schema *s,
			       struct table_schema *t)
{
	struct json_fields f =
		json_fields_begin(json, "table schema for table %s", t->name);
	const struct json_object *columns =
		json_fields_take(&f, "columns", JSON_MASK(JSON_OBJECT));
	const struct json_object *is_root =
		json_fields_take_optional(&f, "isRoot", JSON_MASK(JSON_BOOLEAN));
	const struct json_object *indexes =
		json_fields_take_optional(&f, "indexes", JSON_MASK(JSON_ARRAY));
	int64_t max_rows = INT64_MAX;
	struct err *e;

	take_integer(&f, "maxRows", &max_rows);
	e = json_fields_end(&f);
	if (e)
		return e;
	t->is_root = get_flag(is_root, false);
	t->max_rows = max_rows == INT64_MAX ? UINT64_MAX : (uint64_t)max_rows;
	if (max_rows < 1)
		e = json_syntax_error(json, "maxRows must be at least 1");
	if (!e)
		e = parse_columns(columns, s, t);
	if (!e && indexes)
		e = parse_indexes(indexes, t);
	return e ? err_wrap(e, "Parsing table schema for table %s failed", t->name)
		 : NULL;
}

static bool is_strong_to_non_root(const struct base_type *b)
{
	return b->ref == REF_STRONG && !b->ref_table->is_root;
}

/* Checks that need all tables. */
static struct err *finish_tables(struct schema *s)
{
	bool any_root = false;

	for (size_t i = 0; i < s->n_tables; i++)
		any_root = any_root || s->tables[i].is_root;
	for (size_t i = 0; i < s->n_tables && !any_root; i++)
		s->tables[i].is_root = true;
	for (size_t i = 0; i < s->n_tables; i++) {
		struct table_schema *t = &s->tables[i];

		for (size_t k = 0; k < t->n_columns; k++) {
			struct column_schema *c = &t->columns[k];

			if (is_strong_to_non_root(&c->type.key) ||
			    is_strong_to_non_root(&c->type.value))
				c->ephemeral = false;
		}
		for (size_t k = 0; k < t->n_indexes; k++) {
			for (size_t m = 0; m < t->indexes[k].n_columns; m++) {
				const struct column_schema *c = t->indexes[k].columns[m];

				if (c->ephemeral)
					return err_new(ERR_SYNTAX,
						       "table %s: ephemeral columns "
						       "(such as %s) may "
						       "not be indexed",
						       t->name, c->name);
			}
		}
	}
	return NULL;
}

static struct err *parse_tables(const struct json_object *json, struct schema *s)
{
	struct member *members;
	struct err *e = sorted_members(json, "table", &members);

	if (e)
		return e;
	s->n_tables = json_get_length(json);
	s->tables = xcalloc(s->n_tables, sizeof(*s->tables));
	/* All names before any column: columns refer to tables. */
	for (size_t i = 0; i < s->n_tables; i++) {
		s->tables[i].name = xstrdup(members[i].name);
		s->tables[i].index = (unsigned int)i;
	}
	for (size_t i = 0; i < s->n_tables && !e; i++)
		e = parse_table(members[i].value, s, &s->tables[i]);
	free(members);
	return e ? e : finish_tables(s);
}

/* "x.y.z", all of digits (RFC 7047 3.1 <version>). */
static bool is_version(const char *s)
{
	for (int part = 0; part < 3; part++) {
		size_t n;

		if (part && *s++ != '.')
			return false;
		n = strspn(s, "0123456789");
		if (!n)
			return false;
		s += n;
	}
	return !*s;
}

/* RFC 7047 3.2 requires a version. Old schemas have none, and ovsdb-server takes them. */
static struct err *parse_schema(const struct json_object *json, struct schema *s)
{
	struct json_fields f = json_fields_begin(json, "database schema");
	const struct json_object *name =
		json_fields_take(&f, "name", JSON_MASK(JSON_STRING));
	const struct json_object *version =
		json_fields_take_optional(&f, "version", JSON_MASK(JSON_STRING));
	const struct json_object *cksum =
		json_fields_take_optional(&f, "cksum", JSON_MASK(JSON_STRING));
	const struct json_object *tables =
		json_fields_take(&f, "tables", JSON_MASK(JSON_OBJECT));
	struct err *e = json_fields_end(&f);

	if (e)
		return e;
	s->name = xstrdup(json_get_string(name));
	s->version = xstrdup(version ? json_get_string(version) : "");
	s->cksum = cksum ? xstrdup(json_get_string(cksum)) : NULL;
	if (!json_is_id(s->name))
		e = err_new(ERR_SYNTAX, "\"%s\" cannot be a database's name", s->name);
	else if (version && !is_version(s->version))
		e = err_new(ERR_SYNTAX, "schema version \"%s\" not in format x.y.z",
			    s->version);
	else
		e = parse_tables(tables, s);
	return e ? err_wrap(e, "Parsing database schema failed") : NULL;
}

struct err *schema_from_json(const struct json_object *json, struct schema **ret_schema)
{
	struct schema *s = xcalloc(1, sizeof(*s));
	struct err *e = parse_schema(json, s);

	if (e)
		schema_free(s);
	else
		*ret_schema = s;
	return e;
}
