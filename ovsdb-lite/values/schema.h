/* A database schema (RFC 7047 3.2): tables, columns, types, constraints. Read once, then
 * constant: every pointer into it lives as long as the schema does. */
#ifndef OVSDB_SCHEMA_H
#define OVSDB_SCHEMA_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datum;
struct json_object;
struct table_schema;

enum atom_type { ATOM_INTEGER, ATOM_REAL, ATOM_BOOLEAN, ATOM_STRING, ATOM_UUID };
const char *atom_type_name(enum atom_type type);
bool atom_type_from_name(const char *name, enum atom_type *ret_type);

enum ref_kind { REF_NONE, REF_STRONG, REF_WEAK };

/* RFC 7047 <base-type>. Bounds are always set: to the type's extremes where the schema is
 * silent. */
struct base_type {
	enum atom_type type;
	struct datum *allowed; /* "enum": a set of atoms; NULL if any value will do */
	int64_t min_integer, max_integer;
	double min_real, max_real;
	uint32_t min_length, max_length; /* characters, not bytes */
	const struct table_schema
		*ref_table; /* of ATOM_UUID; NULL if it is no reference */
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

struct column_schema {
	char *name;
	struct column_type type;
	/* Kept in memory only. RFC 7047 3.2: never so where it refers strongly to a table
	 * that is no root, whatever the schema says; its rows would be collected at the
	 * next start. */
	bool ephemeral;
	bool is_mutable;
	unsigned int index; /* in table_schema.columns and in every row's fields */
};

struct index_schema {
	const struct column_schema **columns;
	size_t n_columns;
};

struct table_schema {
	char *name;
	struct column_schema
		*columns; /* sorted by name; _uuid and _version are not among them */
	size_t n_columns;
	struct index_schema *indexes;
	size_t n_indexes;
	uint64_t max_rows;  /* UINT64_MAX: no limit */
	bool is_root;       /* RFC 7047 3.2: not garbage collected */
	unsigned int index; /* in schema.tables */
};

struct schema {
	char *name;
	char *version;               /* "x.y.z"; "" if absent */
	char *cksum;                 /* as given, never computed; NULL if absent */
	struct table_schema *tables; /* sorted by name */
	size_t n_tables;
};

/* Borrows 'json'. ERR_SYNTAX (as ovsdb-server words it: `Parsing database schema failed:
 * …`). */
struct err *schema_from_json(const struct json_object *json,
			     struct schema **ret_schema) MUST_CHECK;
/* Reads a .ovsschema file. */
struct err *schema_from_file(const char *path, struct schema **ret_schema) MUST_CHECK;
/* The normalised form of ovsdb-wire 2. Owned by the caller. */
struct json_object *schema_to_json(const struct schema *s);
struct json_object *column_type_to_json(const struct column_type *t);
/* For messages and the names of files: the version, or "none". */
const char *schema_version_text(const struct schema *s);
void schema_free(struct schema *s); /* accepts NULL */

/* NULL if there is none. */
const struct table_schema *schema_find_table(const struct schema *s, const char *name);
const struct column_schema *table_schema_find(const struct table_schema *t,
					      const char *name);

/* False for a table whose columns are all ephemeral: its rows are in memory only, and are
 * lost with the process. A table that a persistent column refers to strongly is stored
 * nevertheless, as bare UUIDs. */
bool schema_stores_table(const struct schema *schema, const struct table_schema *t);

#endif
