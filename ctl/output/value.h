/* Columns' values as people and other programs read them. */
#ifndef CTL_VALUE_H
#define CTL_VALUE_H 1

#include "lib/arena.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

struct json_object;

/* As COLUMN=VALUE takes it: bare words where that is clear, else in quotes; [a, b] and
 * {k=v} around sets and maps of any number, "[]" for an empty one. From the arena. */
const char *value_notation(struct arena *a, const struct datum *d,
			   const struct column_type *t);
/* For a table's cell: the same without brackets and quotes, "" for an empty set. */
const char *value_text(struct arena *a, const struct datum *d,
		       const struct column_type *t);
/* Plain JSON: a value, an array, an object; null for an empty optional. Owned by the
 * caller. */
struct json_object *value_json(const struct datum *d, const struct column_type *t);
/* One element for a person. From the arena. */
const char *value_atom(struct arena *a, const union atom *atom, enum atom_type type);

#endif
