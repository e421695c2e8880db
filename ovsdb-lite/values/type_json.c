/* Types of columns as JSON, and their enums, which are data. */
#include "ovsdb-lite/values/type.h"

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

#include <math.h>
#include <stdlib.h>

void base_type_clear(struct base_type *b)
{
	struct column_type t = column_type_of_enum(b->type);

	if (!b->allowed)
		return;
	datum_clear(b->allowed, &t);
	free(b->allowed);
	b->allowed = NULL;
}

void column_type_clear(struct column_type *t)
{
	base_type_clear(&t->key);
	base_type_clear(&t->value);
}

/* The constraints of 'b' as members; none if it has none. */
static struct json_object *constraints_to_json(const struct base_type *b)
{
	struct json_object *o = json_object();
	struct column_type t = column_type_of_enum(b->type);

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
