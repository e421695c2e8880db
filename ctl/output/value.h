/* Values of columns, for people and for other programs. */
#ifndef CTL_VALUE_H
#define CTL_VALUE_H 1

#include "lib/arena.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/schema.h"

struct json_object;

/* In the form that COLUMN=VALUE takes: bare words where they are unambiguous, else
 * quoted; [a, b] and {k=v} for sets and maps; "[]" for an empty one. From the arena. */
const char *value_notation(struct arena *a, const struct datum *d,
			   const struct column_type *t);
/* For the cell of a table: the same without brackets and quotes, "" for an empty set. */
const char *value_text(struct arena *a, const struct datum *d,
		       const struct column_type *t);
/* For scripts: the same as value_text(), with a comma alone between elements. */
const char *value_bare(struct arena *a, const struct datum *d,
		       const struct column_type *t);
/* Plain JSON: a value, an array, an object; null for an empty optional. Owned by the
 * caller. */
struct json_object *value_json(const struct datum *d, const struct column_type *t);
/* One element, for people. From the arena. */
const char *value_atom(struct arena *a, const union atom *atom, enum atom_type type);

#endif
