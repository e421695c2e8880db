/* A database schema (RFC 7047 3.2): tables, columns, types, constraints. Read once, then
 * constant: every pointer into it lives as long as the schema does. */
#ifndef OVSDB_SCHEMA_H
#define OVSDB_SCHEMA_H 1

#include "lib/err.h"
#include "ovsdb-lite/values/type.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

struct column_schema {
	char *name;
	struct column_type type;
	/* Kept in memory only. RFC 7047 3.2: never true for a strong reference to a table
	 * that is no root, also if the schema has it so: the rows would be collected at the
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
	/* Sorted by name; _uuid and _version are not among them. */
	struct column_schema *columns;
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
/* The normalised form of ovsdb-wire.md 2. Owned by the caller. */
struct json_object *schema_to_json(const struct schema *s);
/* For messages and the names of files: the version, or "none". */
const char *schema_version_text(const struct schema *s);
/* As strcmp(), but "x.y.z" by numbers. "" is older than every version. */
int schema_version_cmp(const char *a, const char *b);
void schema_free(struct schema *s); /* accepts NULL */

/* NULL if there is none. */
const struct table_schema *schema_find_table(const struct schema *s, const char *name);
const struct column_schema *table_schema_find(const struct table_schema *t,
					      const char *name);

/* False for a table whose columns are all ephemeral: its rows are in memory only, and are
 * lost with the process. A table that a persistent column refers to strongly is stored
 * nevertheless, as bare UUIDs. */
bool schema_stores_table(const struct schema *schema, const struct table_schema *t);

/* True if 's' has all tables and persistent columns of 'old', and each takes all values that
 * it took: it may have more, and allow more. */
bool schema_extends(const struct schema *s, const struct schema *old);

#endif
