/* A datum as text and as plain JSON. line/args_value.c can read what value_notation()
 * writes. The JSON of RFC 7047 (["set", …]) is in datum.h. */
#include "ctl/output/value.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *value_atom(struct arena *a, const union atom *atom, enum atom_type type)
{
	char uuid[UUID_TEXT_BYTES];

	switch (type) {
	case ATOM_INTEGER:
		return arena_printf(a, "%" PRId64, atom->integer);
	case ATOM_REAL:
		return arena_printf(a, "%.17g", atom->real);
	case ATOM_BOOLEAN:
		return atom->boolean ? "true" : "false";
	case ATOM_STRING:
		return atom->string;
	case ATOM_UUID:
		return arena_strdup(a, uuid_format(&atom->uuid, uuid));
	}
	return "";
}

static bool is_bare(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("_-.:/%+@", *s))
			return false;
	}
	return true;
}

static const char *notation_atom(struct arena *a, const union atom *atom,
				 enum atom_type type)
{
	struct json_object *json;
	char *quoted;
	const char *text;

	if (type != ATOM_STRING || is_bare(atom->string))
		return value_atom(a, atom, type);
	json = json_string(atom->string);
	quoted = json_text(json);
	text = arena_strdup(a, quoted);
	free(quoted);
	json_free(json);
	return text;
}

typedef const char *atom_text_fn(struct arena *a, const union atom *atom,
				 enum atom_type type);

static const char *join(struct arena *a, const struct datum *d,
			const struct column_type *t, atom_text_fn *fn, const char *open,
			const char *between, const char *close)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);
	const char *copy;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fputs(open, f);
	for (uint32_t i = 0; i < d->n; i++) {
		fprintf(f, "%s%s", i ? between : "", fn(a, &keys[i], t->key.type));
		if (t->is_map)
			fprintf(f, "=%s", fn(a, &values[i], t->value.type));
	}
	fputs(close, f);
	if (fclose(f))
		abort();
	copy = arena_strdup(a, text);
	free(text);
	return copy;
}

const char *value_notation(struct arena *a, const struct datum *d,
			   const struct column_type *t)
{
	bool is_single = column_type_is_scalar(t) || column_type_is_optional(t);

	if (is_single && d->n)
		return notation_atom(a, &datum_keys(d)[0], t->key.type);
	return join(a, d, t, notation_atom, t->is_map ? "{" : "[", ", ",
		    t->is_map ? "}" : "]");
}

const char *value_text(struct arena *a, const struct datum *d,
		       const struct column_type *t)
{
	if (d->n == 1 && !t->is_map)
		return value_atom(a, &datum_keys(d)[0], t->key.type);
	return join(a, d, t, value_atom, "", ", ", "");
}

const char *value_bare(struct arena *a, const struct datum *d,
		       const struct column_type *t)
{
	return join(a, d, t, value_atom, "", ",", "");
}

static struct json_object *atom_json(const union atom *atom, enum atom_type type)
{
	char uuid[UUID_TEXT_BYTES];

	switch (type) {
	case ATOM_INTEGER:
		return json_integer(atom->integer);
	case ATOM_REAL:
		return json_real(atom->real);
	case ATOM_BOOLEAN:
		return json_boolean(atom->boolean);
	case ATOM_STRING:
		return json_string(atom->string);
	case ATOM_UUID:
		return json_string(uuid_format(&atom->uuid, uuid));
	}
	return json_null();
}

struct json_object *value_json(const struct datum *d, const struct column_type *t)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);
	struct json_object *all;

	if (column_type_is_scalar(t) || column_type_is_optional(t))
		return d->n ? atom_json(&keys[0], t->key.type) : json_null();
	all = t->is_map ? json_object() : json_array();
	for (uint32_t i = 0; i < d->n; i++) {
		if (t->is_map) {
			CLEANUP(arena_freep) struct arena *a = arena_new();

			json_put(all, value_atom(a, &keys[i], t->key.type),
				 atom_json(&values[i], t->value.type));
		} else {
			json_add(all, atom_json(&keys[i], t->key.type));
		}
	}
	return all;
}
