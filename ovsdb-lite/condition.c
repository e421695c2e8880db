/* Conditions (RFC 7047 5.1): parsed once, then asked for row after row. Which rows to ask
 * is for exec_rows.c and monitor.c to know. */
#include "ovsdb-lite/condition.h"

#include "lib/alloc.h"
#include "ovsdb-lite/datum.h"
#include "ovsdb-lite/json.h"
#include "ovsdb-lite/json_fields.h"

#include <stdlib.h>
#include <string.h>

enum function {
	FUNCTION_EQUAL,
	FUNCTION_NOT_EQUAL,
	FUNCTION_LESS,
	FUNCTION_LESS_OR_EQUAL,
	FUNCTION_GREATER,
	FUNCTION_GREATER_OR_EQUAL,
	FUNCTION_INCLUDES,
	FUNCTION_EXCLUDES,
};

static const char *const function_names[] = {
	[FUNCTION_EQUAL] = "==",
	[FUNCTION_NOT_EQUAL] = "!=",
	[FUNCTION_LESS] = "<",
	[FUNCTION_LESS_OR_EQUAL] = "<=",
	[FUNCTION_GREATER] = ">",
	[FUNCTION_GREATER_OR_EQUAL] = ">=",
	[FUNCTION_INCLUDES] = "includes",
	[FUNCTION_EXCLUDES] = "excludes",
};

enum subject { SUBJECT_COLUMN, SUBJECT_UUID, SUBJECT_VERSION, SUBJECT_CONSTANT };

struct clause {
	enum subject subject;
	bool constant;                      /* the answer of SUBJECT_CONSTANT */
	const struct column_schema *column; /* of SUBJECT_COLUMN */
	const struct column_type *type;     /* of the subject; NULL of SUBJECT_CONSTANT */
	enum function function;
	struct datum value;
};

struct condition {
	struct clause *clauses;
	size_t n_clauses;
};

/* `_uuid` and `_version` (RFC 7047 3.2). */
static const struct column_type uuid_type = {
	.key = {.type = ATOM_UUID},
	.n_min = 1,
	.n_max = 1,
};

static struct err *find_subject(const struct table_schema *t,
				const struct json_object *json, struct clause *c)
{
	const char *name = json_get_string(json_at(json, 0));

	c->type = &uuid_type;
	if (!strcmp(name, "_uuid")) {
		c->subject = SUBJECT_UUID;
	} else if (!strcmp(name, "_version")) {
		c->subject = SUBJECT_VERSION;
	} else {
		c->subject = SUBJECT_COLUMN;
		c->column = table_schema_find(t, name);
		if (!c->column)
			return json_at_error(err_new(ERR_UNKNOWN_COLUMN,
						     "No column %s in table %s.", name,
						     t->name),
					     json);
		c->type = &c->column->type;
	}
	return NULL;
}

static struct err *find_function(const struct json_object *json,
				 enum function *ret_function)
{
	const char *name = json_get_string(json_at(json, 1));

	for (size_t i = 0; i < ARRAY_SIZE(function_names); i++) {
		if (!strcmp(name, function_names[i])) {
			*ret_function = (enum function)i;
			return NULL;
		}
	}
	return err_new(ERR_UNKNOWN_FUNCTION, "No function named %s.", name);
}

static bool is_ordering(enum function f)
{
	return f >= FUNCTION_LESS && f <= FUNCTION_GREATER_OR_EQUAL;
}

/* Ordering is for numbers, at most one; on an empty column it is false. */
static struct err *check_ordering(const struct clause *c, const struct json_object *json)
{
	bool is_number =
		c->type->key.type == ATOM_INTEGER || c->type->key.type == ATOM_REAL;
	struct err *e;
	char *text;

	if (!is_ordering(c->function) || (is_number && column_type_is_optional(c->type)))
		return NULL;
	text = column_type_text(c->type);
	e = json_syntax_error(
		json, "\"%s\" cannot be asked of column %s, %s: it is for numbers",
		function_names[c->function], json_get_string(json_at(json, 0)), text);
	free(text);
	return e;
}

/* The value's type: the column's, but with as many elements as the function can make
 * sense of. */
static struct column_type value_type(const struct clause *c)
{
	struct column_type t = *c->type;

	if (is_ordering(c->function))
		t.n_min = 1;
	if (column_type_is_scalar(&t))
		return t;
	if (c->function == FUNCTION_INCLUDES || c->function == FUNCTION_EXCLUDES)
		t.n_min = 0;
	if (c->function == FUNCTION_EXCLUDES)
		t.n_max = TYPE_UNLIMITED;
	return t;
}

static struct err *parse_clause(const struct table_schema *t,
				const struct json_object *json, struct name_table *names,
				struct clause *c)
{
	struct column_type type;
	struct err *e;

	if (json_kind(json) == JSON_BOOLEAN) {
		c->subject = SUBJECT_CONSTANT;
		c->constant = json_get_boolean(json);
		return NULL;
	}
	if (json_kind(json) != JSON_ARRAY || json_get_length(json) != 3 ||
	    json_kind(json_at(json, 0)) != JSON_STRING ||
	    json_kind(json_at(json, 1)) != JSON_STRING)
		return json_syntax_error(
			json,
			"a condition must be [COLUMN, FUNCTION, VALUE], true or false");
	e = find_subject(t, json, c);
	if (!e)
		e = find_function(json, &c->function);
	if (!e)
		e = check_ordering(c, json);
	if (e)
		return e;
	type = value_type(c);
	return datum_from_json(&c->value, &type, json_at(json, 2), names);
}

struct err *condition_from_json(const struct table_schema *t,
				const struct json_object *json, struct name_table *names,
				struct condition **ret_condition)
{
	struct condition *c;
	struct err *e = NULL;
	size_t n;

	if (json_kind(json) != JSON_ARRAY)
		return json_syntax_error(json, "conditions must be an array, not %s",
					 json_kind_name(json_kind(json)));
	n = json_get_length(json);
	c = xcalloc(1, sizeof(*c));
	c->clauses = xcalloc(n, sizeof(*c->clauses));
	while (c->n_clauses < n && !e) {
		size_t i = c->n_clauses++;

		e = parse_clause(t, json_at(json, i), names, &c->clauses[i]);
	}
	if (e)
		condition_free(c);
	else
		*ret_condition = c;
	return e;
}

void condition_free(struct condition *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_clauses; i++) {
		/* The last one may be half parsed: without a type, or with a type and no
		 * value. */
		if (c->clauses[i].type)
			datum_clear(&c->clauses[i].value, c->clauses[i].type);
	}
	free(c->clauses);
	free(c);
}

static bool holds(const struct clause *c, const struct datum *have)
{
	const struct datum *want = &c->value;
	int order = 0;

	if (is_ordering(c->function)) {
		if (!have->n)
			return false;
		order = atom_cmp(datum_keys(have), datum_keys(want), c->type->key.type);
	}
	switch (c->function) {
	case FUNCTION_EQUAL:
		return datum_equals(have, want, c->type);
	case FUNCTION_NOT_EQUAL:
		return !datum_equals(have, want, c->type);
	case FUNCTION_LESS:
		return order < 0;
	case FUNCTION_LESS_OR_EQUAL:
		return order <= 0;
	case FUNCTION_GREATER:
		return order > 0;
	case FUNCTION_GREATER_OR_EQUAL:
		return order >= 0;
	case FUNCTION_INCLUDES:
		return datum_includes_all(want, have, c->type);
	case FUNCTION_EXCLUDES:
		return datum_excludes_all(want, have, c->type);
	}
	abort();
}

/* 'value' is that of SUBJECT_COLUMN. */
static bool clause_holds(const struct clause *c, const struct datum *value,
			 const struct uuid *uuid, const struct uuid *version)
{
	struct datum pseudo = {.n = 1};

	switch (c->subject) {
	case SUBJECT_COLUMN:
		return holds(c, value);
	case SUBJECT_UUID:
		pseudo.one.uuid = *uuid;
		return holds(c, &pseudo);
	case SUBJECT_VERSION:
		pseudo.one.uuid = *version;
		return holds(c, &pseudo);
	case SUBJECT_CONSTANT:
		return c->constant;
	}
	abort();
}

static bool clause_holds_of(const struct clause *c, const struct row *r,
			    condition_read_fn *read, const void *aux)
{
	const struct datum *value = NULL;

	if (c->subject == SUBJECT_COLUMN)
		value = read ? read(aux, r, c->column) : row_get(r, c->column);
	return clause_holds(c, value, row_uuid(r), row_version(r));
}

bool condition_matches_all(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		if (!clause_holds_of(&c->clauses[i], r, read, aux))
			return false;
	}
	return true;
}

bool condition_matches_any(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		if (clause_holds_of(&c->clauses[i], r, read, aux))
			return true;
	}
	return !c->n_clauses;
}

bool condition_image_matches_any(const struct condition *c,
				 const struct condition_image *image)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		const struct clause *clause = &c->clauses[i];
		const struct datum *value = NULL;

		if (clause->subject == SUBJECT_COLUMN)
			value = image->read(image->aux, clause->column);
		if (clause_holds(clause, value, image->uuid, image->version))
			return true;
	}
	return !c->n_clauses;
}

const struct uuid *condition_uuid(const struct condition *c)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		const struct clause *clause = &c->clauses[i];

		if (clause->subject == SUBJECT_UUID &&
		    (clause->function == FUNCTION_EQUAL ||
		     clause->function == FUNCTION_INCLUDES))
			return &datum_keys(&clause->value)->uuid;
	}
	return NULL;
}

const struct datum *condition_equal_value(const struct condition *c,
					  const struct column_schema *column)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		const struct clause *clause = &c->clauses[i];

		if (clause->subject == SUBJECT_COLUMN && clause->column == column &&
		    clause->function == FUNCTION_EQUAL)
			return &clause->value;
	}
	return NULL;
}
