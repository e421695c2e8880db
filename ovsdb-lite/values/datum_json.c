/* Data from and to JSON (RFC 7047 5.1 <value>), and the constraints of their types (3.2
 * <base-type>). The only place where a string from outside becomes an atom: it is valid
 * UTF-8 from here on. */
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/datum_private.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"
#include "ovsdb-lite/values/named_uuid.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct err *check_integer(int64_t i, const struct base_type *t)
{
	if (i < t->min_integer)
		return err_new(ERR_CONSTRAINT,
			       "%" PRId64 " is below the minimum %" PRId64, i,
			       t->min_integer);
	if (i > t->max_integer)
		return err_new(ERR_CONSTRAINT,
			       "%" PRId64 " is above the maximum %" PRId64, i,
			       t->max_integer);
	return NULL;
}

static struct err *check_real(double d, const struct base_type *t)
{
	if (d < t->min_real)
		return err_new(ERR_CONSTRAINT, "%.17g is below the minimum %.17g", d,
			       t->min_real);
	if (d > t->max_real)
		return err_new(ERR_CONSTRAINT, "%.17g is above the maximum %.17g", d,
			       t->max_real);
	return NULL;
}

static struct err *check_length(const char *s, const struct base_type *t)
{
	size_t n = 0;

	assert(s);
	if (!t->min_length && t->max_length == UINT32_MAX)
		return NULL;
	/* Of UTF-8, every byte but 10xxxxxx begins a character. */
	for (const char *at = s; *at; at++)
		n += ((unsigned char)*at & 0xc0) != 0x80;
	if (n < t->min_length)
		return err_new(ERR_CONSTRAINT,
			       "\"%s\" is too short: length %zu, at least %" PRIu32
			       " needed",
			       s, n, t->min_length);
	if (n > t->max_length)
		return err_new(ERR_CONSTRAINT,
			       "\"%s\" is too long: length %zu, at most %" PRIu32
			       " allowed",
			       s, n, t->max_length);
	return NULL;
}

/* The nearest of the allowed strings, or NULL. */
static const char *suggestion(const union atom *a, const struct base_type *t)
{
	const union atom *keys = datum_keys(t->allowed);
	const char **words = xcalloc(t->allowed->n + 1, sizeof(*words));
	const char *nearest;

	for (uint32_t i = 0; i < t->allowed->n; i++)
		words[i] = keys[i].string;
	nearest = text_nearest(a->string, words);
	free(words);
	return nearest;
}

static struct err *check_allowed(const union atom *a, const struct base_type *t)
{
	struct json_object *value = datum_atom_to_json(a, t->type), *list = json_array();
	char *value_text = json_text(value), *list_text;
	const char *nearest;
	struct err *e;

	for (uint32_t i = 0; i < t->allowed->n; i++)
		json_add(list, datum_atom_to_json(&datum_keys(t->allowed)[i], t->type));
	list_text = json_text(list);
	e = err_new(ERR_CONSTRAINT, "%s is not one of the allowed values (%s)",
		    value_text, list_text);
	nearest = t->type == ATOM_STRING ? suggestion(a, t) : NULL;
	if (nearest)
		e = err_hint(e, "did you mean \"%s\"?", nearest);
	free(value_text);
	free(list_text);
	json_free(value);
	json_free(list);
	return e;
}

struct err *datum_check_atom(const union atom *a, const struct base_type *t)
{
	if (t->allowed && datum_find(t->allowed, a, t->type) < 0)
		return check_allowed(a, t);
	switch (t->type) {
	case ATOM_INTEGER:
		return check_integer(a->integer, t);
	case ATOM_REAL:
		return check_real(a->real, t);
	case ATOM_STRING:
		return check_length(a->string, t);
	case ATOM_BOOLEAN:
	case ATOM_UUID:
		break;
	}
	return NULL;
}

static struct err *count_error(enum err_code code, size_t n, const struct column_type *t)
{
	const char *class = t->is_map ? "map" : "set";

	if (t->n_min == 1 && t->n_max == 1)
		return err_new(code,
			       "%s must have exactly one member but %zu are present",
			       class, n);
	if (t->n_max == TYPE_UNLIMITED)
		return err_new(code,
			       "%s must have at least one member but none is present",
			       class);
	return err_new(code,
		       "%s must have %" PRIu32 " to %" PRIu32
		       " members but %zu are present",
		       class, t->n_min, t->n_max, n);
}

static bool count_is_right(size_t n, const struct column_type *t)
{
	return n >= t->n_min && n <= t->n_max;
}

struct err *datum_check_count(const struct datum *d, const struct column_type *t)
{
	return count_is_right(d->n, t) ? NULL : count_error(ERR_CONSTRAINT, d->n, t);
}

struct err *datum_check(const struct datum *d, const struct column_type *t)
{
	for (uint32_t i = 0; i < d->n; i++) {
		struct err *e = datum_check_atom(&datum_keys(d)[i], &t->key);

		if (!e && t->is_map)
			e = datum_check_atom(&datum_values(d)[i], &t->value);
		if (e)
			return e;
	}
	return datum_check_count(d, t);
}

static struct err *wrong_kind(enum atom_type type, const struct json_object *json)
{
	return json_syntax_error(json, "expected %s, found %s", atom_type_name(type),
				 json_kind_name(json_kind(json)));
}

static struct err *parse_string(union atom *ret_atom, const struct json_object *json)
{
	const char *s = json_get_string(json);
	size_t n = json_get_length(json), good = text_utf8_prefix(s, n);

	if (good < n)
		return err_new(ERR_CONSTRAINT,
			       "not a valid UTF-8 string: invalid UTF-8 sequence 0x%02x",
			       (unsigned char)s[good]);
	ret_atom->string = xstrndup(s, n);
	return NULL;
}

/* [tag, text] where both are strings; NULL otherwise. */
static const char *tagged_text(const struct json_object *json, const char *tag)
{
	if (json_kind(json) != JSON_ARRAY || json_get_length(json) != 2 ||
	    json_kind(json_at(json, 0)) != JSON_STRING ||
	    json_kind(json_at(json, 1)) != JSON_STRING ||
	    strcmp(json_get_string(json_at(json, 0)), tag))
		return NULL;
	return json_get_string(json_at(json, 1));
}

static struct err *parse_uuid(union atom *ret_atom, const struct json_object *json,
			      struct named_uuids *names)
{
	const char *text = tagged_text(json, "uuid"),
		   *name = tagged_text(json, "named-uuid");

	if (text && uuid_parse(text, &ret_atom->uuid))
		return NULL;
	if (text)
		return json_syntax_error(json, "\"%s\" is not a valid UUID", text);
	if (name && names)
		return named_uuids_use(names, name, &ret_atom->uuid);
	if (name)
		return json_syntax_error(
			json, "a named-uuid is possible in a transaction only");
	return json_syntax_error(json, "expected [\"uuid\", UUID]%s",
				 names ? " or [\"named-uuid\", NAME]" : "");
}

static struct err *parse_atom(union atom *ret_atom, enum atom_type type,
			      const struct json_object *json, struct named_uuids *names)
{
	enum json_kind kind = json_kind(json);

	switch (type) {
	case ATOM_INTEGER:
		if (kind != JSON_INTEGER)
			return wrong_kind(type, json);
		ret_atom->integer = json_get_integer(json);
		return NULL;
	case ATOM_REAL:
		if (kind != JSON_INTEGER && kind != JSON_REAL)
			return wrong_kind(type, json);
		ret_atom->real = json_get_real(json);
		return NULL;
	case ATOM_BOOLEAN:
		if (kind != JSON_BOOLEAN)
			return wrong_kind(type, json);
		ret_atom->boolean = json_get_boolean(json);
		return NULL;
	case ATOM_STRING:
		if (kind != JSON_STRING)
			return wrong_kind(type, json);
		return parse_string(ret_atom, json);
	case ATOM_UUID:
		return parse_uuid(ret_atom, json, names);
	}
	abort();
}

struct err *datum_atom_from_json(union atom *ret_atom, const struct base_type *t,
				 const struct json_object *json,
				 struct named_uuids *names)
{
	union atom a;
	struct err *e;

	memset(&a, 0, sizeof(a));
	e = parse_atom(&a, t->type, json, names);
	if (e)
		return e;
	e = datum_check_atom(&a, t);
	if (e)
		atom_clear(&a, t->type);
	else
		*ret_atom = a;
	return e;
}

/* The array in [tag, […]]; NULL if 'json' is something else. */
static const struct json_object *elements(const struct json_object *json, const char *tag)
{
	if (json_kind(json) != JSON_ARRAY || json_get_length(json) != 2 ||
	    json_kind(json_at(json, 0)) != JSON_STRING ||
	    json_kind(json_at(json, 1)) != JSON_ARRAY ||
	    strcmp(json_get_string(json_at(json, 0)), tag))
		return NULL;
	return json_at(json, 1);
}

static struct err *parse_element(struct datum *d, const struct column_type *t,
				 const struct json_object *json,
				 struct named_uuids *names)
{
	union atom key;
	struct err *e = datum_atom_from_json(&key, &t->key, json, names);

	if (!e)
		datum_append(d, key, NULL);
	return e;
}

static struct err *parse_pair(struct datum *d, const struct column_type *t,
			      const struct json_object *json, struct named_uuids *names)
{
	union atom key, value;
	struct err *e;

	if (json_kind(json) != JSON_ARRAY || json_get_length(json) != 2)
		return json_syntax_error(json, "expected a pair [KEY, VALUE] of a map");
	e = datum_atom_from_json(&key, &t->key, json_at(json, 0), names);
	if (e)
		return e;
	e = datum_atom_from_json(&value, &t->value, json_at(json, 1), names);
	if (e)
		atom_clear(&key, t->key.type);
	else
		datum_append(d, key, &value);
	return e;
}

static struct err *parse_elements(struct datum *d, const struct column_type *t,
				  const struct json_object *json,
				  struct named_uuids *names)
{
	const struct json_object *list = elements(json, t->is_map ? "map" : "set");
	struct err *e = NULL;

	if (!list && t->is_map)
		return json_syntax_error(json, "expected [\"map\", [PAIR, …]]");
	if (!list)
		return parse_element(d, t, json, names);
	datum_reserve(d, json_get_length(list), t->is_map);
	for (size_t i = 0; i < json_get_length(list) && !e; i++)
		e = (t->is_map ? parse_pair : parse_element)(d, t, json_at(list, i),
							     names);
	datum_tidy(d);
	if (!e && datum_sort_finds_duplicate(d, t))
		e = json_syntax_error(json, "%s",
				      t->is_map ? "map contains duplicate key"
						: "set contains duplicate");
	return e;
}

struct err *datum_from_json_any_count(struct datum *ret_datum,
				      const struct column_type *t,
				      const struct json_object *json,
				      struct named_uuids *names)
{
	struct datum d;
	struct err *e;

	datum_init_empty(&d);
	e = parse_elements(&d, t, json, names);
	if (e)
		datum_clear(&d, t);
	else
		*ret_datum = d;
	return e;
}

struct err *datum_from_json(struct datum *ret_datum, const struct column_type *t,
			    const struct json_object *json, struct named_uuids *names)
{
	const struct json_object *list = elements(json, t->is_map ? "map" : "set");
	size_t n = list ? json_get_length(list) : 1;

	if (!count_is_right(n, t))
		return json_at_error(count_error(ERR_SYNTAX, n, t), json);
	return datum_from_json_any_count(ret_datum, t, json, names);
}

struct json_object *datum_atom_to_json(const union atom *a, enum atom_type type)
{
	char uuid[UUID_TEXT_BYTES];

	switch (type) {
	case ATOM_INTEGER:
		return json_integer(a->integer);
	case ATOM_REAL:
		return json_real(a->real);
	case ATOM_BOOLEAN:
		return json_boolean(a->boolean);
	case ATOM_STRING:
		return json_string(a->string);
	case ATOM_UUID:
		return json_pair(json_string("uuid"),
				 json_string(uuid_format(&a->uuid, uuid)));
	}
	abort();
}

struct json_object *datum_to_json(const struct datum *d, const struct column_type *t)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);
	struct json_object *list;

	if (d->n == 1 && !t->is_map)
		return datum_atom_to_json(keys, t->key.type);
	list = json_array();
	for (uint32_t i = 0; i < d->n; i++) {
		struct json_object *key = datum_atom_to_json(&keys[i], t->key.type);

		json_add(list, t->is_map
				       ? json_pair(key, datum_atom_to_json(&values[i],
									   t->value.type))
				       : key);
	}
	return json_pair(json_string(t->is_map ? "map" : "set"), list);
}
