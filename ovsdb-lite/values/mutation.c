/* Mutations (RFC 7047 5.1): arithmetic on every element of a column, insertion and
 * deletion of elements. Reading and writing the rows is exec_ops.c's. */
#include "ovsdb-lite/values/mutation.h"

#include "lib/alloc.h"
#include "ovsdb-lite/values/datum_private.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"
#include "ovsdb-lite/values/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum mutator {
	MUTATOR_ADD,
	MUTATOR_SUBTRACT,
	MUTATOR_MULTIPLY,
	MUTATOR_DIVIDE,
	MUTATOR_MODULO,
	MUTATOR_INSERT,
	MUTATOR_DELETE,
};

static const char *const mutator_names[] = {
	[MUTATOR_ADD] = "+=",        [MUTATOR_SUBTRACT] = "-=",
	[MUTATOR_MULTIPLY] = "*=",   [MUTATOR_DIVIDE] = "/=",
	[MUTATOR_MODULO] = "%=",     [MUTATOR_INSERT] = "insert",
	[MUTATOR_DELETE] = "delete",
};

struct mutation {
	const struct column_schema *column;
	enum mutator mutator;
	struct column_type value_type; /* its enums are the column's */
	struct datum value;
};

struct mutations {
	struct mutation *list;
	size_t n;
};

static struct err *find_column(const struct table_schema *t,
			       const struct json_object *json, struct mutation *m)
{
	const char *name = json_get_string(json_at(json, 0));
	bool is_pseudo = !strcmp(name, "_uuid") || !strcmp(name, "_version");

	m->column = table_schema_find(t, name);
	if (!m->column && !is_pseudo)
		return json_at_error(err_new(ERR_UNKNOWN_COLUMN,
					     "No column %s in table %s.", name, t->name),
				     json);
	if (is_pseudo || !m->column->is_mutable)
		return json_at_error(
			err_new(ERR_CONSTRAINT,
				"Cannot mutate immutable column %s in table %s.", name,
				t->name),
			json);
	return NULL;
}

static struct err *find_mutator(const struct json_object *json, enum mutator *ret_mutator)
{
	const char *name = json_get_string(json_at(json, 1));

	for (size_t i = 0; i < ARRAY_SIZE(mutator_names); i++) {
		if (!strcmp(name, mutator_names[i])) {
			*ret_mutator = (enum mutator)i;
			return NULL;
		}
	}
	return err_new(ERR_UNKNOWN_MUTATOR, "No mutator named %s.", name);
}

static bool is_arithmetic(enum mutator m)
{
	return m < MUTATOR_INSERT;
}

static bool suits(enum mutator m, const struct column_type *t)
{
	if (!is_arithmetic(m))
		return !column_type_is_scalar(t);
	if (t->is_map)
		return false;
	return t->key.type == ATOM_INTEGER ||
	       (t->key.type == ATOM_REAL && m != MUTATOR_MODULO);
}

static bool is_map_json(const struct json_object *json)
{
	return json_kind(json) == JSON_ARRAY && json_get_length(json) == 2 &&
	       json_kind(json_at(json, 0)) == JSON_STRING &&
	       !strcmp(json_get_string(json_at(json, 0)), "map");
}

/* What the value of 'm' must be, given as 'json'. */
static struct column_type value_type(const struct mutation *m,
				     const struct json_object *json)
{
	struct column_type t = m->column->type;

	if (is_arithmetic(m->mutator)) {
		/* One number. The column's constraints apply to the result, not to it. */
		base_type_init(&t.key, t.key.type);
		t.n_min = t.n_max = 1;
		return t;
	}
	t.n_min = 0;
	if (m->mutator == MUTATOR_DELETE) {
		t.n_max = TYPE_UNLIMITED;
		/* From a map: pairs, or keys alone. */
		t.is_map = t.is_map && is_map_json(json);
	}
	return t;
}

static struct err *parse_mutation(const struct table_schema *t,
				  const struct json_object *json,
				  struct named_uuids *names, struct mutation *m)
{
	struct err *e;

	if (json_kind(json) != JSON_ARRAY || json_get_length(json) != 3 ||
	    json_kind(json_at(json, 0)) != JSON_STRING ||
	    json_kind(json_at(json, 1)) != JSON_STRING)
		return json_syntax_error(json,
					 "a mutation must be [COLUMN, MUTATOR, VALUE]");
	e = find_column(t, json, m);
	if (!e)
		e = find_mutator(json, &m->mutator);
	if (e)
		return e;
	if (!suits(m->mutator, &m->column->type)) {
		char *text = column_type_text(&m->column->type);

		e = json_syntax_error(json, "\"%s\" cannot be applied to column %s, %s",
				      mutator_names[m->mutator], m->column->name, text);
		free(text);
		return e;
	}
	m->value_type = value_type(m, json_at(json, 2));
	return datum_from_json(&m->value, &m->value_type, json_at(json, 2), names);
}

struct err *mutations_from_json(const struct table_schema *t,
				const struct json_object *json, struct named_uuids *names,
				struct mutations **ret_mutations)
{
	struct mutations *m;
	struct err *e = NULL;
	size_t n;

	if (json_kind(json) != JSON_ARRAY)
		return json_syntax_error(json, "mutations must be an array, not %s",
					 json_kind_name(json_kind(json)));
	n = json_get_length(json);
	m = xcalloc(1, sizeof(*m));
	m->list = xcalloc(n, sizeof(*m->list));
	while (m->n < n && !e) {
		size_t i = m->n++;

		e = parse_mutation(t, json_at(json, i), names, &m->list[i]);
	}
	if (e)
		mutations_free(m);
	else
		*ret_mutations = m;
	return e;
}

void mutations_free(struct mutations *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		datum_clear(&m->list[i].value, &m->list[i].value_type);
	free(m->list);
	free(m);
}

size_t mutations_count(const struct mutations *m)
{
	return m->n;
}

const struct column_schema *mutation_column(const struct mutations *m, size_t i)
{
	return m->list[i].column;
}

uint64_t mutation_weight(const struct mutations *m, size_t i)
{
	return datum_weight(&m->list[i].value, &m->list[i].value_type);
}

static struct err *out_of_range(enum mutator m)
{
	return err_new(ERR_RANGE, "Result of \"%s\" operation is out of range.",
		       mutator_names[m]);
}

static struct err *division_by_zero(void)
{
	return err_new(ERR_DOMAIN, "Division by zero.");
}

static struct err *mutate_integer(int64_t *i, enum mutator m, int64_t by)
{
	bool overflows = false;
	int64_t result = 0;

	switch (m) {
	case MUTATOR_ADD:
		overflows = __builtin_add_overflow(*i, by, &result);
		break;
	case MUTATOR_SUBTRACT:
		overflows = __builtin_sub_overflow(*i, by, &result);
		break;
	case MUTATOR_MULTIPLY:
		overflows = __builtin_mul_overflow(*i, by, &result);
		break;
	case MUTATOR_DIVIDE:
	case MUTATOR_MODULO:
		if (!by)
			return division_by_zero();
		/* By -1 the quotient may overflow, in C the remainder with it; ours is 0.
		 */
		if (m == MUTATOR_DIVIDE && by == -1)
			overflows = __builtin_sub_overflow((int64_t)0, *i, &result);
		else if (by != -1)
			result = m == MUTATOR_DIVIDE ? *i / by : *i % by;
		break;
	case MUTATOR_INSERT:
	case MUTATOR_DELETE:
		abort();
	}
	if (overflows)
		return out_of_range(m);
	*i = result;
	return NULL;
}

static struct err *mutate_real(double *d, enum mutator m, double by)
{
	double result = 0;

	switch (m) {
	case MUTATOR_ADD:
		result = *d + by;
		break;
	case MUTATOR_SUBTRACT:
		result = *d - by;
		break;
	case MUTATOR_MULTIPLY:
		result = *d * by;
		break;
	case MUTATOR_DIVIDE:
		if (fpclassify(by) == FP_ZERO)
			return division_by_zero();
		result = *d / by;
		break;
	case MUTATOR_MODULO:
	case MUTATOR_INSERT:
	case MUTATOR_DELETE:
		abort();
	}
	if (!isfinite(result))
		return out_of_range(m);
	*d = result + 0.0; /* no -0.0 */
	return NULL;
}

static struct err *mutate_elements(const struct mutation *m, struct datum *d)
{
	const struct column_type *t = &m->column->type;
	const union atom *by = datum_keys(&m->value);
	union atom *keys = datum_own_keys(d);

	for (uint32_t i = 0; i < d->n; i++) {
		struct err *e =
			t->key.type == ATOM_INTEGER
				? mutate_integer(&keys[i].integer, m->mutator,
						 by->integer)
				: mutate_real(&keys[i].real, m->mutator, by->real);

		if (e)
			return e;
	}
	if (datum_sort_finds_duplicate(d, t))
		return err_new(ERR_CONSTRAINT,
			       "Result of \"%s\" operation contains duplicates.",
			       mutator_names[m->mutator]);
	return datum_check(d, t);
}

struct err *mutation_apply(const struct mutations *mutations, size_t i, struct datum *d)
{
	const struct mutation *m = &mutations->list[i];
	const struct column_type *t = &m->column->type;

	if (is_arithmetic(m->mutator))
		return mutate_elements(m, d);
	if (m->mutator == MUTATOR_INSERT)
		datum_union(d, &m->value, t);
	else
		datum_subtract(d, &m->value, t, m->value_type.is_map);
	return datum_check_count(d, t);
}
