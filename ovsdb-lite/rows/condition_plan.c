/* Plans for conditions of many clauses: the cost of a row does not grow with their
 * number. Clients send such conditions (ovn-controller has a clause for each of its ports
 * and datapaths), and an attacker could send them to keep the server busy.
 *
 * Many clauses of one column and function are evaluated together:
 *   "is any true?": `==`, and `includes` of one element, by a hash; of orderings only the
 *   widest matters; of two different `!=` at least one is true;
 *   "are all true?": `!=` and `excludes` by a hash of values that the row must not have;
 *   of orderings only the narrowest matters; of two different `==` at least one is false.
 * The other clauses are scanned: evaluated one after the other. */
#include "ovsdb-lite/rows/condition_private.h"

#include "lib/alloc.h"

#include <stdlib.h>

/* Fewer clauses are faster without a hash. */
#define MIN_ALIKE 4

enum question { QUESTION_ALL, QUESTION_ANY };

/* --- groups --- */

static uint32_t element_hash(const struct clause_element *e, const struct column_type *t)
{
	uint32_t h = atom_hash(e->key, t->key.type, 0);

	return e->value ? atom_hash(e->value, t->value.type, h) : h;
}

static bool elements_equal(const struct clause_element *a, const struct clause_element *b,
			   const struct column_type *t)
{
	return atom_equals(a->key, b->key, t->key.type) &&
	       (!a->value || atom_equals(a->value, b->value, t->value.type));
}

static struct clause_element element_at(const struct datum *d, uint32_t i)
{
	const union atom *values = datum_values(d);

	return (struct clause_element){&datum_keys(d)[i], values ? &values[i] : NULL};
}

static bool has_element(const struct clause_group *g, const struct clause_element *e,
			uint32_t hash)
{
	struct row_hash_walk w = row_hash_walk_begin(&g->index, hash);
	const struct clause_element *other;

	while ((other = row_hash_walk_next(&w))) {
		if (elements_equal(other, e, g->first->type))
			return true;
	}
	return false;
}

static bool has_value(const struct clause_group *g, const struct datum *d, uint32_t hash)
{
	struct row_hash_walk w = row_hash_walk_begin(&g->index, hash);
	const struct clause *c;

	while ((c = row_hash_walk_next(&w))) {
		if (datum_equals(&c->value, d, c->type))
			return true;
	}
	return false;
}

bool clause_group_has(const struct clause_group *g, const struct datum *have)
{
	const struct column_type *t = g->first->type;

	if (!g->by_element)
		return has_value(g, have, datum_hash(have, t, 0));
	for (uint32_t i = 0; i < have->n; i++) {
		const struct clause_element e = element_at(have, i);

		if (has_element(g, &e, element_hash(&e, t)))
			return true;
	}
	return false;
}

/* Adds each element once: equal hashes make the look-up slow. */
static void add_element(struct clause_group *g, struct clause_element e)
{
	uint32_t hash = element_hash(&e, g->first->type);

	if (has_element(g, &e, hash))
		return;
	g->elements[g->n_elements] = e;
	row_hash_add(&g->index, &g->elements[g->n_elements++], hash);
}

static void add_to_group(struct clause_group *g, struct clause *c)
{
	uint32_t hash;

	if (g->by_element) {
		for (uint32_t i = 0; i < c->value.n; i++)
			add_element(g, element_at(&c->value, i));
		return;
	}
	hash = datum_hash(&c->value, c->type, 0);
	if (!has_value(g, &c->value, hash))
		row_hash_add(&g->index, c, hash);
}

/* --- which clauses, and how --- */

static bool is_grouped(const struct clause *c, enum question q)
{
	switch (c->function) {
	case FUNCTION_EQUAL:
		return q == QUESTION_ANY;
	case FUNCTION_INCLUDES: /* a hash cannot check several elements */
		return q == QUESTION_ANY && c->value.n == 1;
	case FUNCTION_NOT_EQUAL:
	case FUNCTION_EXCLUDES:
		return q == QUESTION_ALL;
	case FUNCTION_LESS:
	case FUNCTION_LESS_OR_EQUAL:
	case FUNCTION_GREATER:
	case FUNCTION_GREATER_OR_EQUAL:
	case N_FUNCTIONS:
		break;
	}
	return false;
}

/* True if of these two orderings only 'a' matters. */
static bool decides(const struct clause *a, const struct clause *b, enum question q)
{
	int cmp =
		atom_cmp(datum_keys(&a->value), datum_keys(&b->value), a->type->key.type);
	bool is_upper =
		a->function == FUNCTION_LESS || a->function == FUNCTION_LESS_OR_EQUAL;

	/* For "any" the widest, x < 9 of x < 5 and x < 9; for "all" the narrowest. */
	return is_upper == (q == QUESTION_ANY) ? cmp > 0 : cmp < 0;
}

/* The clauses of one subject and function. */
struct alike {
	struct clause **clauses;
	size_t n;
};

static void scan(struct clause_plan *p, const struct clause *c)
{
	p->scan = xgrow(p->scan, p->n_scan, &p->scan_cap, sizeof(*p->scan));
	p->scan[p->n_scan++] = c;
}

static void plan_orderings(struct clause_plan *p, const struct alike *a, enum question q)
{
	const struct clause *best = a->clauses[0];

	for (size_t i = 1; i < a->n; i++) {
		if (decides(a->clauses[i], best, q))
			best = a->clauses[i];
	}
	scan(p, best);
}

/* `==` for "all", or `!=` for "any": two clauses with different values give the
 * result. */
static void plan_two_that_differ(struct clause_plan *p, const struct alike *a)
{
	const struct clause *first = a->clauses[0];

	scan(p, first);
	for (size_t i = 1; i < a->n; i++) {
		if (datum_equals(&a->clauses[i]->value, &first->value, first->type))
			continue;
		scan(p, a->clauses[i]);
		return;
	}
}

static void plan_group(struct clause_plan *p, const struct alike *a, enum question q)
{
	const struct clause *first = a->clauses[0];
	struct clause_group g = {
		.by_element = first->function == FUNCTION_INCLUDES ||
			      first->function == FUNCTION_EXCLUDES,
	};
	size_t n_elements = 0;

	for (size_t i = 0; i < a->n; i++)
		n_elements += a->clauses[i]->value.n;
	if (g.by_element)
		g.elements = xcalloc(n_elements, sizeof(*g.elements));
	g.first = first;
	for (size_t i = 0; i < a->n; i++) {
		if (is_grouped(a->clauses[i], q))
			add_to_group(&g, a->clauses[i]);
		else
			scan(p, a->clauses[i]);
	}
	p->groups = xgrow(p->groups, p->n_groups, &p->groups_cap, sizeof(*p->groups));
	p->groups[p->n_groups++] = g;
}

static void plan_alike(struct clause_plan *p, const struct alike *a, enum question q)
{
	if (a->n < MIN_ALIKE) {
		for (size_t i = 0; i < a->n; i++)
			scan(p, a->clauses[i]);
		return;
	}
	switch (a->clauses[0]->function) {
	case FUNCTION_EQUAL:
	case FUNCTION_NOT_EQUAL:
		if (is_grouped(a->clauses[0], q))
			plan_group(p, a, q);
		else
			plan_two_that_differ(p, a);
		break;
	case FUNCTION_LESS:
	case FUNCTION_LESS_OR_EQUAL:
	case FUNCTION_GREATER:
	case FUNCTION_GREATER_OR_EQUAL:
		plan_orderings(p, a, q);
		break;
	case FUNCTION_INCLUDES:
	case FUNCTION_EXCLUDES:
		plan_group(p, a, q);
		break;
	case N_FUNCTIONS:
		abort();
	}
}

/* --- the whole --- */

static size_t n_kinds(const struct condition *c)
{
	return (c->n_columns + SUBJECT_CONSTANT) * N_FUNCTIONS;
}

/* Subject and function as one number; not for SUBJECT_CONSTANT. */
static size_t kind_of(const struct condition *c, const struct clause *clause)
{
	size_t subject = clause->subject == SUBJECT_COLUMN
				 ? clause->column->index
				 : c->n_columns + clause->subject;

	return subject * N_FUNCTIONS + clause->function;
}

static void plan(const struct condition *c, const struct alike *kinds, enum question q,
		 struct clause_plan *p)
{
	for (size_t i = 0; i < c->n_clauses; i++) {
		if (c->clauses[i].subject == SUBJECT_CONSTANT)
			scan(p, &c->clauses[i]);
	}
	for (size_t i = 0; i < n_kinds(c); i++) {
		if (kinds[i].n)
			plan_alike(p, &kinds[i], q);
	}
}

void condition_plan(struct condition *c)
{
	struct clause **in_order, **next;
	struct alike *kinds;

	if (c->n_clauses < MIN_ALIKE)
		return;
	in_order = next = xcalloc(c->n_clauses, sizeof(struct clause *));
	kinds = xcalloc(n_kinds(c), sizeof(*kinds));
	for (size_t i = 0; i < c->n_clauses; i++) {
		if (c->clauses[i].subject != SUBJECT_CONSTANT)
			kinds[kind_of(c, &c->clauses[i])].n++;
	}
	for (size_t i = 0; i < n_kinds(c); i++) {
		kinds[i].clauses = next;
		next += kinds[i].n;
		kinds[i].n = 0;
	}
	for (size_t i = 0; i < c->n_clauses; i++) {
		struct alike *a;

		if (c->clauses[i].subject == SUBJECT_CONSTANT)
			continue;
		a = &kinds[kind_of(c, &c->clauses[i])];
		a->clauses[a->n++] = &c->clauses[i];
	}
	plan(c, kinds, QUESTION_ALL, &c->all);
	plan(c, kinds, QUESTION_ANY, &c->any);
	c->is_planned = true;
	free(kinds);
	free(in_order);
}

static void unplan(struct clause_plan *p)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		row_hash_clear(&p->groups[i].index);
		free(p->groups[i].elements);
	}
	free(p->groups);
	free(p->scan);
}

void condition_unplan(struct condition *c)
{
	unplan(&c->all);
	unplan(&c->any);
}
