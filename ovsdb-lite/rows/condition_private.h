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
	bool constant;                      /* the answer of SUBJECT_CONSTANT */
	const struct column_schema *column; /* of SUBJECT_COLUMN */
	const struct column_type *type;     /* of the subject; NULL of SUBJECT_CONSTANT */
	enum function function;
	struct datum value;
	uint64_t cost; /* of asking it of a row, at most, in tens of nanoseconds */
};

/* An element of a set, or a pair of a map. */
struct clause_element {
	const union atom *key, *value; /* 'value' NULL unless of a map */
};

/* Many clauses of one subject that one look-up answers together: whether the row's value
 * is one of theirs or, 'by_element', has an element that is. */
struct clause_group {
	const struct clause *first; /* any of them */
	bool by_element;
	struct row_hash index; /* of clauses or, 'by_element', of 'elements' */
	struct clause_element *elements;
	size_t n_elements;
};

/* How a question is answered: "do all of them hold?", or "does any?". */
struct clause_plan {
	const struct clause **scan; /* to be asked one after the other */
	size_t n_scan, scan_cap;
	struct clause_group *groups;
	size_t n_groups, groups_cap;
};

struct condition {
	struct clause *clauses;
	size_t n_clauses;
	size_t n_columns; /* of the table */
	bool is_planned;  /* if not, there are few: all are asked one after the other */
	struct clause_plan all, any;
};

/* Makes both plans, if there are clauses enough. */
void condition_plan(struct condition *c);
void condition_unplan(struct condition *c);

/* True if the subject's value is, or has, what a clause of the group wants. */
bool clause_group_has(const struct clause_group *g, const struct datum *have);

#endif
