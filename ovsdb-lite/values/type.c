/* Types of columns: their defaults, shapes and names. */
#include "ovsdb-lite/values/type.h"

#include "lib/alloc.h"

#include <math.h>

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

struct column_type column_type_of_enum(enum atom_type type)
{
	struct column_type t = {.n_min = 1, .n_max = TYPE_UNLIMITED};

	base_type_init(&t.key, type);
	base_type_init(&t.value, ATOM_INTEGER);
	return t;
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
