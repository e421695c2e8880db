/* Types of columns (RFC 7047 3.2 <type>, <base-type>). */
#ifndef OVSDB_TYPE_H
#define OVSDB_TYPE_H 1

#include "ovsdb-lite/values/atom.h"

struct datum;
struct json_object;
struct table_schema;

enum ref_kind { REF_NONE, REF_STRONG, REF_WEAK };

/* RFC 7047 <base-type>. Bounds are always set: to the type's extremes if the schema has
 * none. */
struct base_type {
	enum atom_type type;
	struct datum *allowed; /* "enum": a set of atoms; NULL: any value */
	int64_t min_integer, max_integer;
	double min_real, max_real;
	uint32_t min_length, max_length;      /* characters, not bytes */
	const struct table_schema *ref_table; /* NULL if it is no reference */
	enum ref_kind ref;
};

/* No constraint but the type. */
void base_type_init(struct base_type *b, enum atom_type type);

#define TYPE_UNLIMITED UINT32_MAX

/* RFC 7047 <type>. */
struct column_type {
	struct base_type key;
	struct base_type value; /* meaningful if is_map */
	bool is_map;
	uint32_t n_min, n_max; /* n_min is 0 or 1; n_max may be TYPE_UNLIMITED */
};

/* Exactly one, not a map: what SQL calls NOT NULL. */
bool column_type_is_scalar(const struct column_type *t);
/* At most one, not a map. */
bool column_type_is_optional(const struct column_type *t);
/* For messages: "a string", "a set of integers", "a map of strings to uuids". Owned by
 * the caller. */
char *column_type_text(const struct column_type *t) __attribute__((warn_unused_result));

/* One or more atoms of 'type', as the values of an "enum". */
struct column_type column_type_of_enum(enum atom_type type);
/* Frees the enums. */
void base_type_clear(struct base_type *b);
void column_type_clear(struct column_type *t);
/* The normalised form (ovsdb-wire.md 2). Owned by the caller. */
struct json_object *column_type_to_json(const struct column_type *t);

#endif
