/* Conditions (RFC 7047 5.1): parsed once, then evaluated for one row after the other. The
 * callers choose the rows. */
#include "ovsdb-lite/rows/condition_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"

#include <stdlib.h>
#include <string.h>

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

/* Orderings take a column of at most one number; they are false if it is empty. */
static struct err *check_ordering(const struct clause *c, const struct json_object *json)
{
	bool is_number =
		c->type->key.type == ATOM_INTEGER || c->type->key.type == ATOM_REAL;
	struct err *e;
	char *text;

	if (!is_ordering(c->function) || (is_number && column_type_is_optional(c->type)))
		return NULL;
	text = column_type_text(c->type);
	e = json_syntax_error(json, "function \"%s\" is for numbers, column %s is %s",
			      function_names[c->function],
			      json_get_string(json_at(json, 0)), text);
	free(text);
	return e;
}

/* The value's type: the column's, with the numbers of elements that the function
 * accepts. */
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
				const struct json_object *json, struct named_uuids *names,
				struct clause *c)
{
	struct column_type type;
	struct err *e;

	if (json_kind(json) == JSON_BOOLEAN) {
		c->subject = SUBJECT_CONSTANT;
		c->constant = json_get_boolean(json);
		c->cost = 1;
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
	e = datum_from_json(&c->value, &type, json_at(json, 2), names);
	if (!e)
		c->cost = 1 + datum_weight(&c->value, c->type);
	return e;
}

struct err *condition_from_json(const struct table_schema *t,
				const struct json_object *json, struct named_uuids *names,
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
	c->n_columns = t->n_columns;
	c->clauses = xcalloc(n, sizeof(*c->clauses));
	while (c->n_clauses < n && !e) {
		size_t i = c->n_clauses++;

		e = parse_clause(t, json_at(json, i), names, &c->clauses[i]);
	}
	if (e) {
		condition_free(c);
		return e;
	}
	condition_plan(c);
	*ret_condition = c;
	return NULL;
}

void condition_free(struct condition *c)
{
	if (!c)
		return;
	condition_unplan(c);
	for (size_t i = 0; i < c->n_clauses; i++) {
		/* After an error the last one may have no type, or a type and no
		 * value. */
		if (c->clauses[i].type)
			datum_clear(&c->clauses[i].value, c->clauses[i].type);
	}
	free(c->clauses);
	free(c);
}

size_t condition_n_scanned(const struct condition *c)
{
	return c->is_planned ? c->any.n_scan : c->n_clauses;
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
	case N_FUNCTIONS:
		break;
	}
	abort();
}

/* A row for which clauses are evaluated. */
struct subject_row {
	const struct row *row; /* NULL: an image */
	condition_read_fn *read;
	const void *aux;
	const struct condition_image *image;
	struct datum pseudo; /* the value of _uuid or _version */
	uint64_t units;      /* the cost so far, in tens of nanoseconds */
};

static const struct datum *pseudo(struct subject_row *a, const struct uuid *u)
{
	a->pseudo = (struct datum){.n = 1};
	a->pseudo.one.uuid = *u;
	return &a->pseudo;
}

/* Not for SUBJECT_CONSTANT. Valid until the next call. */
static const struct datum *value_of(struct subject_row *a, const struct clause *c)
{
	const struct condition_image *image = a->image;

	switch (c->subject) {
	case SUBJECT_COLUMN:
		if (image)
			return image->read(image->aux, c->column);
		return a->read ? a->read(a->aux, a->row, c->column)
			       : row_get(a->row, c->column);
	case SUBJECT_UUID:
		return pseudo(a, image ? image->uuid : row_uuid(a->row));
	case SUBJECT_VERSION:
		return pseudo(a, image ? image->version : row_version(a->row));
	case SUBJECT_CONSTANT:
		break;
	}
	abort();
}

static bool clause_holds(struct subject_row *a, const struct clause *c)
{
	a->units += c->cost;
	return c->subject == SUBJECT_CONSTANT ? c->constant : holds(c, value_of(a, c));
}

static size_t n_to_scan(const struct condition *c, const struct clause_plan *p)
{
	return c->is_planned ? p->n_scan : c->n_clauses;
}

static const struct clause *clause_to_scan(const struct condition *c,
					   const struct clause_plan *p, size_t i)
{
	return c->is_planned ? p->scan[i] : &c->clauses[i];
}

/* True if one of the clauses to scan gives 'answer'. */
static bool any_gives(const struct condition *c, const struct clause_plan *p,
		      struct subject_row *a, bool answer)
{
	size_t n = n_to_scan(c, p);

	for (size_t i = 0; i < n; i++) {
		if (clause_holds(a, clause_to_scan(c, p, i)) == answer)
			return true;
	}
	return false;
}

static bool any_group_has(const struct clause_plan *p, struct subject_row *a)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct clause *first = p->groups[i].first;
		const struct datum *value = value_of(a, first);

		a->units += 4 + 2 * datum_weight(value, first->type);
		if (clause_group_has(&p->groups[i], value))
			return true;
	}
	return false;
}

bool condition_matches_all_counted(const struct condition *c, const struct row *r,
				   condition_read_fn *read, const void *aux,
				   uint64_t *units)
{
	struct subject_row a = {.row = r, .read = read, .aux = aux};
	bool matches = !any_gives(c, &c->all, &a, false) && !any_group_has(&c->all, &a);

	*units += a.units;
	return matches;
}

bool condition_matches_all(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux)
{
	uint64_t units = 0;

	return condition_matches_all_counted(c, r, read, aux, &units);
}

static bool matches_any(const struct condition *c, struct subject_row *a)
{
	return !c->n_clauses || any_gives(c, &c->any, a, true) ||
	       any_group_has(&c->any, a);
}

bool condition_matches_any(const struct condition *c, const struct row *r,
			   condition_read_fn *read, const void *aux)
{
	struct subject_row a = {.row = r, .read = read, .aux = aux};

	return matches_any(c, &a);
}

bool condition_image_matches_any(const struct condition *c,
				 const struct condition_image *image)
{
	struct subject_row a = {.image = image};

	return matches_any(c, &a);
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
