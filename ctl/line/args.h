/* Arguments that name parts of the schema: TABLE, COLUMN, COLUMN=VALUE.
 *
 * Values may be written in several forms. Addresses, routes and lists of names get
 * their canonical texts (config/canon.h). */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H 1

#include "ctl/line/args_edit.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>

/* The relations of ovs-vsctl(8). ARGS_SET_EQUAL and later compare sets. */
enum args_relation {
	ARGS_EQUAL,           /* = */
	ARGS_NOT_EQUAL,       /* != */
	ARGS_LESS,            /* < */
	ARGS_GREATER,         /* > */
	ARGS_LESS_EQUAL,      /* <= */
	ARGS_GREATER_EQUAL,   /* >= */
	ARGS_SET_EQUAL,       /* {=} */
	ARGS_SET_NOT_EQUAL,   /* {!=} */
	ARGS_PROPER_SUBSET,   /* {<} */
	ARGS_PROPER_SUPERSET, /* {>} */
	ARGS_SUBSET,          /* {<=} */
	ARGS_SUPERSET,        /* {>=} */
	ARGS_IN,              /* {in}, the same as {<=} */
	ARGS_NOT_IN,          /* {not-in} */
};

/* COLUMN[:KEY] RELATION VALUE, split. */
struct args_parts {
	char *column, *key, *value; /* 'key' is NULL if there is none */
	enum args_relation relation;
};

/* COLUMN=VALUE, COLUMN+=VALUE, COLUMN-=VALUE; for a map's single key COLUMN:KEY=VALUE. */
struct assignment {
	const struct column_schema *column;
	enum args_edit edit;
	bool is_key; /* 'value' is one pair of a map */
	struct datum value;
	const char *text; /* as typed; borrowed */
};

/* By name, ignoring case. ERR_INVALID with the nearest name. */
struct err *args_find_table(const struct schema *s, const char *name,
			    const struct table_schema **ret_table) MUST_CHECK;
/* '-' and '_' are equal. ERR_INVALID with the nearest name. */
struct err *args_find_column(const struct table_schema *t, const char *name,
			     const struct column_schema **ret_column) MUST_CHECK;
/* ERR_INVALID for a column that only ipvld or other commands write. */
struct err *args_check_writable(const struct table_schema *t,
				const struct column_schema *c) MUST_CHECK;

/* The parts point into 'text', which is modified. A key in double quotes may contain
 * any character. ERR_INVALID if there is no relation. */
struct err *args_cut(char *text, struct args_parts *ret_parts) MUST_CHECK;

/* Replaces a key in double quotes by its content, in place. Another key stays as it
 * is. */
struct err *args_unquote(char *key) MUST_CHECK;

/* Sets the path of 'e', about "COLUMN=VALUE" of which 'value' is the end: "COLUMN" if the
 * message repeats the value, else all of it, cut if it is long. Returns 'e'. */
struct err *args_at(struct err *e, const char *text, const char *value) MUST_CHECK;

/* ERR_INVALID, its path as args_at() sets it. */
struct err *args_parse(const struct table_schema *t, const char *text,
		       struct assignment *ret_assignment) MUST_CHECK;
void assignment_clear(struct assignment *a);

/* Parses all of 'texts' for writing: checks args_check_writable() before the value, and that no
 * column is given twice, but for several edits of one. The array is owned by the caller:
 * assignment_free_all(). */
struct err *args_parse_all(const struct table_schema *t, char *const *texts, size_t n,
			   struct assignment **ret_assignments) MUST_CHECK;
/* The same for a row that is there already: also checks that the columns can be changed. */
struct err *args_parse_changes(const struct table_schema *t, char *const *texts, size_t n,
			       struct assignment **ret_assignments) MUST_CHECK;
void assignment_free_all(struct assignment *a, size_t n);
/* The first assignment to column 'c', or NULL. */
const struct assignment *assignment_find(const struct assignment *a, size_t n,
					 const struct column_schema *c);

/* ERR_CONSTRAINT for an edit that makes the column's value too long. */
struct err *assignment_write(const struct assignment *a, struct txn *t,
			     struct row *r) MUST_CHECK;
struct err *assignment_write_all(const struct assignment *a, size_t n, struct txn *t,
				 struct row *r) MUST_CHECK;

#endif
