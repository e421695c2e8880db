/* The inside of a condition, for condition*.c. */
#ifndef OVSDB_CONDITION_PRIVATE_H
#define OVSDB_CONDITION_PRIVATE_H 1

#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/rows/row_hash.h"

enum function {
	FUNCTION_EQUAL,
	FUNCTION_NOT_EQUAL,
	FUNCTION_LESS,
	FUNCTION_LESS_OR_EQUAL,
	FUNCTION_GREATER,
	FUNCTION_GREATER_OR_EQUAL,
	FUNCTION_INCLUDES,
	FUNCTION_EXCLUDES,
	N_FUNCTIONS,
};

enum subject { SUBJECT_COLUMN, SUBJECT_UUID, SUBJECT_VERSION, SUBJECT_CONSTANT };

struct clause {
	enum subject subject;
	bool constant;                      /* the result of SUBJECT_CONSTANT */
	const struct column_schema *column; /* of SUBJECT_COLUMN */
	const struct column_type *type; /* of the subject; NULL for SUBJECT_CONSTANT */
	enum function function;
	struct datum value;
	uint64_t cost; /* of one evaluation, at most, in tens of nanoseconds */
};

/* An element of a set, or a pair of a map. */
struct clause_element {
	const union atom *key, *value; /* 'value' is NULL for a set */
};

/* Many clauses of one subject that one look-up evaluates together: is the row's value one
 * of their values or, if 'by_element', is one of its elements one of theirs? */
struct clause_group {
	const struct clause *first; /* any of them */
	bool by_element;
	struct row_hash index; /* of clauses or, if 'by_element', of 'elements' */
	struct clause_element *elements;
	size_t n_elements;
};

/* How to evaluate one question: "are all clauses true?", or "is any of them?". */
struct clause_plan {
	const struct clause **scan; /* to be evaluated one after the other */
	size_t n_scan, scan_cap;
	struct clause_group *groups;
	size_t n_groups, groups_cap;
};

struct condition {
	struct clause *clauses;
	size_t n_clauses;
	size_t n_columns; /* of the table */
	bool is_planned;  /* if not, there are few: all are scanned */
	struct clause_plan all, any;
};

/* Makes both plans, if there are many clauses. */
void condition_plan(struct condition *c);
void condition_unplan(struct condition *c);

/* True if the subject's value is the value of a clause of the group or, if 'by_element',
 * has an element in common with one. */
bool clause_group_has(const struct clause_group *g, const struct datum *have);

#endif
