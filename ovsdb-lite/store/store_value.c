/* A datum as an SQL value that people can read with sqlite3(1): scalars and optional
 * scalars as they are (NULL if empty), a set as a JSON array, a map as a JSON object,
 * UUIDs as text. Reading checks everything: the file may have been edited. */
#include "ovsdb-lite/store/store_private.h"

#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_native(const struct column_type *t)
{
	return !t->is_map && t->n_max == 1;
}

const char *store_value_type(const struct column_schema *c)
{
	if (!is_native(&c->type))
		return "TEXT NOT NULL";
	switch (c->type.key.type) {
	case ATOM_INTEGER:
	case ATOM_BOOLEAN:
		return c->type.n_min ? "INTEGER NOT NULL" : "INTEGER";
	case ATOM_REAL:
		return c->type.n_min ? "REAL NOT NULL" : "REAL";
	case ATOM_STRING:
	case ATOM_UUID:
		break;
	}
	return c->type.n_min ? "TEXT NOT NULL" : "TEXT";
}

static int bind_atom(sqlite3_stmt *stmt, int i, const union atom *a, enum atom_type type)
{
	char text[UUID_TEXT_BYTES];

	switch (type) {
	case ATOM_INTEGER:
		return sqlite3_bind_int64(stmt, i, a->integer);
	case ATOM_REAL:
		return sqlite3_bind_double(stmt, i, a->real);
	case ATOM_BOOLEAN:
		return sqlite3_bind_int(stmt, i, a->boolean);
	case ATOM_STRING:
		return sqlite3_bind_text(stmt, i, a->string, -1, SQLITE_STATIC);
	case ATOM_UUID:
		break;
	}
	return sqlite3_bind_text(stmt, i, uuid_format(&a->uuid, text), -1,
				 SQLITE_TRANSIENT);
}

static struct json_object *plain_json(const union atom *a, enum atom_type type)
{
	char text[UUID_TEXT_BYTES];

	return type == ATOM_UUID ? json_string(uuid_format(&a->uuid, text))
				 : datum_atom_to_json(a, type);
}

/* A map's key as the name of an object's member. Owned by the caller. */
static char *key_name(const union atom *a, enum atom_type type)
{
	struct json_object *json = plain_json(a, type);
	char *name = json_kind(json) == JSON_STRING ? xstrdup(json_get_string(json))
						    : json_text(json);

	json_free(json);
	return name;
}

static char *collection_text(const struct column_type *t, const struct datum *d)
{
	struct json_object *json = t->is_map ? json_object() : json_array();
	char *text;

	assert(!is_native(t));
	for (uint32_t i = 0; i < d->n; i++) {
		const union atom *key = &datum_keys(d)[i];

		if (t->is_map) {
			CLEANUP(freep) char *name = key_name(key, t->key.type);

			json_put(json, name,
				 plain_json(&datum_values(d)[i], t->value.type));
		} else {
			json_add(json, plain_json(key, t->key.type));
		}
	}
	text = json_text(json);
	json_free(json);
	return text;
}

int store_value_bind(sqlite3_stmt *stmt, int i, const struct column_schema *c,
		     const struct datum *d)
{
	assert(d && d->n <= c->type.n_max);
	if (!is_native(&c->type))
		return sqlite3_bind_text(stmt, i, collection_text(&c->type, d), -1, free);
	if (!d->n)
		return sqlite3_bind_null(stmt, i);
	assert(d->n == 1);
	return bind_atom(stmt, i, &datum_keys(d)[0], c->type.key.type);
}

static struct err *wrong_type(const char *what, enum atom_type wanted)
{
	return err_new(ERR_DAMAGED, "%s where the schema has %s", what,
		       atom_type_name(wanted));
}

static struct err *read_text_atom(const char *text, size_t n, enum atom_type type,
				  union atom *ret_atom)
{
	if (type == ATOM_UUID) {
		struct uuid uuid;

		if (!uuid_parse(text, &uuid))
			return wrong_type("a text that is not a UUID", type);
		ret_atom->uuid = uuid;
		return NULL;
	}
	if (type != ATOM_STRING)
		return wrong_type("a text", type);
	if (strlen(text) != n || !text_is_utf8(text, n))
		return err_new(ERR_DAMAGED, "a text that is not UTF-8");
	ret_atom->string = xstrndup(text, n);
	return NULL;
}

static struct err *read_json_atom(const struct json_object *json, enum atom_type type,
				  union atom *ret_atom)
{
	enum json_kind kind = json_kind(json);

	if (kind == JSON_STRING)
		return read_text_atom(json_get_string(json), json_get_length(json), type,
				      ret_atom);
	if (kind == JSON_INTEGER && type == ATOM_INTEGER)
		ret_atom->integer = json_get_integer(json);
	else if ((kind == JSON_INTEGER || kind == JSON_REAL) && type == ATOM_REAL)
		ret_atom->real = json_get_real(json);
	else if (kind == JSON_BOOLEAN && type == ATOM_BOOLEAN)
		ret_atom->boolean = json_get_boolean(json);
	else
		return wrong_type(json_kind_name(kind), type);
	return NULL;
}

/* The inverse of key_name(). */
static struct err *read_key_name(const char *name, enum atom_type type,
				 union atom *ret_atom)
{
	struct json_object *json;
	struct err *e;

	if (type == ATOM_STRING || type == ATOM_UUID)
		return read_text_atom(name, strlen(name), type, ret_atom);
	e = json_parse(name, strlen(name), &json);
	if (e)
		return e;
	e = read_json_atom(json, type, ret_atom);
	json_free(json);
	return e;
}

static struct err *read_map(const struct json_object *json, const struct column_type *t,
			    struct datum *d)
{
	if (json_kind(json) != JSON_OBJECT)
		return err_new(ERR_DAMAGED, "%s instead of an object",
			       json_kind_name(json_kind(json)));
	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i);) {
		union atom key, value;
		struct err *e = read_key_name(i.name, t->key.type, &key);

		if (e)
			return e;
		e = read_json_atom(i.value, t->value.type, &value);
		if (e) {
			atom_clear(&key, t->key.type);
			return e;
		}
		datum_append(d, key, &value);
	}
	return NULL;
}

static struct err *read_set(const struct json_object *json, const struct column_type *t,
			    struct datum *d)
{
	if (json_kind(json) != JSON_ARRAY)
		return err_new(ERR_DAMAGED, "%s instead of an array",
			       json_kind_name(json_kind(json)));
	for (size_t i = 0; i < json_get_length(json); i++) {
		union atom key;
		struct err *e = read_json_atom(json_at(json, i), t->key.type, &key);

		if (e)
			return e;
		datum_append(d, key, NULL);
	}
	return NULL;
}

static struct err *read_collection(sqlite3_stmt *stmt, int i, const struct column_type *t,
				   struct datum *d)
{
	const char *text;
	struct json_object *json;
	struct err *e;

	if (sqlite3_column_type(stmt, i) != SQLITE_TEXT)
		return err_new(ERR_DAMAGED, "not a JSON text");
	text = (const char *)sqlite3_column_text(stmt, i);
	e = json_parse(text, (size_t)sqlite3_column_bytes(stmt, i), &json);
	if (e)
		return e;
	e = t->is_map ? read_map(json, t, d) : read_set(json, t, d);
	json_free(json);
	return e;
}

static struct err *read_native(sqlite3_stmt *stmt, int i, const struct column_type *t,
			       struct datum *d)
{
	enum atom_type type = t->key.type;
	int sql_type = sqlite3_column_type(stmt, i);
	union atom a;
	struct err *e = NULL;

	assert(is_native(t) && !d->n);
	if (sql_type == SQLITE_NULL)
		return NULL;
	if (sql_type == SQLITE_TEXT) {
		const char *text = (const char *)sqlite3_column_text(stmt, i);

		e = read_text_atom(text, (size_t)sqlite3_column_bytes(stmt, i), type, &a);
	} else if (sql_type == SQLITE_INTEGER && type == ATOM_INTEGER) {
		a.integer = sqlite3_column_int64(stmt, i);
	} else if (sql_type == SQLITE_INTEGER && type == ATOM_BOOLEAN) {
		a.boolean = sqlite3_column_int64(stmt, i) != 0;
	} else if ((sql_type == SQLITE_FLOAT || sql_type == SQLITE_INTEGER) &&
		   type == ATOM_REAL) {
		a.real = sqlite3_column_double(stmt, i);
	} else {
		e = wrong_type("another kind of value", type);
	}
	if (!e)
		datum_append(d, a, NULL);
	return e;
}

struct err *store_value_read(sqlite3_stmt *stmt, int i, const struct column_schema *c,
			     struct datum *ret_datum)
{
	struct datum d;
	struct err *e;

	datum_init_empty(&d);
	e = is_native(&c->type) ? read_native(stmt, i, &c->type, &d)
				: read_collection(stmt, i, &c->type, &d);
	if (!e)
		e = datum_sort(&d, &c->type);
	if (!e)
		e = datum_check(&d, &c->type);
	if (e) {
		datum_clear(&d, &c->type);
		return e;
	}
	*ret_datum = d;
	return NULL;
}
