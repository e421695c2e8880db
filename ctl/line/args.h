/* Words of the command line that name parts of the schema: TABLE, COLUMN, COLUMN=VALUE.
 *
 * Values come in every sensible form and go as the database wants them: addresses, routes
 * and lists of names in their canonical texts (config/canon.h). */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdbool.h>
#include <stddef.h>

/* Those of ovs-vsctl(8); those from ARGS_SET_EQUAL on are of sets. */
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

/* COLUMN[:KEY] RELATION VALUE, cut out of one text. */
struct args_parts {
	char *column, *key, *value; /* 'key' is NULL if there is none */
	enum args_relation relation;
};

/* COLUMN=VALUE; for a map's single key COLUMN:KEY=VALUE. */
struct assignment {
	const struct column_schema *column;
	bool is_key; /* 'value' is one pair of a map */
	struct datum value;
	const char *text; /* as it is typed, borrowed */
};

/* By its name, in any case. ERR_INVALID with the nearest. */
struct err *args_find_table(const struct schema *s, const char *name,
			    const struct table_schema **ret_table) MUST_CHECK;
/* '-' may stand for '_'. ERR_INVALID with the nearest. */
struct err *args_find_column(const struct table_schema *t, const char *name,
			     const struct column_schema **ret_column) MUST_CHECK;
/* ERR_INVALID for a column that ipvld alone writes, or that other commands keep. */
struct err *args_check_writable(const struct table_schema *t,
				const struct column_schema *c) MUST_CHECK;

/* The parts point into 'text', which is cut up. A key in double quotes may hold anything.
 * ERR_INVALID if there is no relation. */
struct err *args_cut(char *text, struct args_parts *ret_parts) MUST_CHECK;

/* A key in double quotes becomes what it holds, in place; another stays as it is. */
struct err *args_unquote(char *key) MUST_CHECK;

/* ERR_INVALID, its path "COLUMN=VALUE". */
struct err *args_parse(const struct table_schema *t, const char *text,
		       struct assignment *ret_assignment) MUST_CHECK;
void assignment_clear(struct assignment *a);

/* All of 'texts', for writing: columns that ipvld alone writes are refused. The array is
 * owned by the caller: assignment_free_all(). */
struct err *args_parse_all(const struct table_schema *t, char *const *texts, size_t n,
			   struct assignment **ret_assignments) MUST_CHECK;
void assignment_free_all(struct assignment *a, size_t n);
/* The one for a column, or NULL. */
const struct assignment *assignment_find(const struct assignment *a, size_t n,
					 const struct column_schema *c);

void assignment_write(const struct assignment *a, struct txn *t, struct row *r);

#endif
