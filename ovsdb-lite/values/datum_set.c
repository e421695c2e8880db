/* Set algebra and differences of data: walks over two sorted arrays, so linear in their
 * sizes. The caller checks the number of elements (datum_check_count()). */
#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/datum_private.h"

#include <stdlib.h>

/* A walk over the keys of two data in order. Each step stands at a key of 'a' (in_a), of
 * 'b' (in_b) or of both, at i and j. */
struct walk {
	const struct datum *a, *b;
	const union atom *a_keys, *b_keys;
	enum atom_type type;
	uint32_t i, j, next_i, next_j;
	bool in_a, in_b;
};

static struct walk walk_begin(const struct datum *a, const struct datum *b,
			      enum atom_type type)
{
	return (struct walk){.a = a,
			     .b = b,
			     .a_keys = datum_keys(a),
			     .b_keys = datum_keys(b),
			     .type = type};
}

static bool walk_next(struct walk *w)
{
	bool a_ended, b_ended;
	int c;

	w->i = w->next_i;
	w->j = w->next_j;
	a_ended = w->i == w->a->n;
	b_ended = w->j == w->b->n;
	if (a_ended && b_ended)
		return false;
	if (a_ended || b_ended)
		c = a_ended ? 1 : -1;
	else
		c = atom_cmp(&w->a_keys[w->i], &w->b_keys[w->j], w->type);
	w->in_a = c <= 0;
	w->in_b = c >= 0;
	w->next_i = w->i + w->in_a;
	w->next_j = w->j + w->in_b;
	return true;
}

static bool walk_values_equal(const struct walk *w, const struct column_type *t)
{
	return !t->is_map || atom_equals(&datum_values(w->a)[w->i],
					 &datum_values(w->b)[w->j], t->value.type);
}

/* True if element number 'i' of 'a' is in 'b', of a map with the same value. */
static bool contains(const struct datum *a, uint32_t i, const struct datum *b,
		     const struct column_type *t)
{
	int64_t j = datum_find(b, &datum_keys(a)[i], t->key.type);

	return j >= 0 && (!t->is_map || atom_equals(&datum_values(a)[i],
						    &datum_values(b)[j], t->value.type));
}

bool datum_includes_all(const struct datum *a, const struct datum *b,
			const struct column_type *t)
{
	if (a->n > b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		if (!contains(a, i, b, t))
			return false;
	}
	return true;
}

bool datum_excludes_all(const struct datum *a, const struct datum *b,
			const struct column_type *t)
{
	const struct datum *few = a->n < b->n ? a : b, *many = few == a ? b : a;

	for (uint32_t i = 0; i < few->n; i++) {
		if (contains(few, i, many, t))
			return false;
	}
	return true;
}

static uint32_t count_only_in_b(const struct datum *a, const struct datum *b,
				enum atom_type type)
{
	struct walk w = walk_begin(a, b, type);
	uint32_t n = 0;

	while (walk_next(&w))
		n += !w.in_a;
	return n;
}

void datum_union(struct datum *a, const struct datum *b, const struct column_type *t)
{
	uint32_t n_new = b->n ? count_only_in_b(a, b, t->key.type) : 0;
	const union atom *b_keys = datum_keys(b), *b_values = datum_values(b);
	uint32_t i = a->n, j = b->n, to = a->n + n_new;
	union atom *keys, *values;

	if (!n_new)
		return;
	datum_reserve(a, to, t->is_map);
	a->n = to;
	keys = datum_own_keys(a);
	values = t->is_map ? a->many.values : NULL;
	/* From the end, so that nothing is overwritten before it has moved; when nothing
	 * new is left, the rest of 'a' is in its place. */
	while (to > i) {
		int c = i ? atom_cmp(&keys[i - 1], &b_keys[j - 1], t->key.type) : -1;

		if (c >= 0) {
			i--;
			j -= c == 0;
			to--;
			keys[to] = keys[i];
			if (values)
				values[to] = values[i];
		} else {
			j--;
			to--;
			keys[to] = atom_copy(&b_keys[j], t->key.type);
			if (values)
				values[to] = atom_copy(&b_values[j], t->value.type);
		}
	}
}

/* Removes from 'd' the elements that 'doomed' marks. */
static void remove_marked(struct datum *d, const bool *doomed,
			  const struct column_type *t)
{
	union atom *keys = datum_own_keys(d), *values = t->is_map ? d->many.values : NULL;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->n; i++) {
		if (doomed[i]) {
			atom_clear(&keys[i], t->key.type);
			if (values)
				atom_clear(&values[i], t->value.type);
			continue;
		}
		keys[kept] = keys[i];
		if (values)
			values[kept] = values[i];
		kept++;
	}
	d->n = kept;
	datum_tidy(d);
}

void datum_subtract(struct datum *a, const struct datum *b, const struct column_type *t,
		    bool b_has_values)
{
	struct walk w = walk_begin(a, b, t->key.type);
	bool *doomed, any = false;

	if (!a->n || !b->n)
		return;
	doomed = xcalloc(a->n, sizeof(*doomed));
	while (walk_next(&w)) {
		if (w.in_a && w.in_b && (!b_has_values || walk_values_equal(&w, t)))
			any = doomed[w.i] = true;
	}
	if (any)
		remove_marked(a, doomed, t);
	free(doomed);
}

static void append_copy(struct datum *d, const struct datum *from, uint32_t i,
			const struct column_type *t)
{
	union atom value;

	if (t->is_map)
		value = atom_copy(&datum_values(from)[i], t->value.type);
	datum_append(d, atom_copy(&datum_keys(from)[i], t->key.type),
		     t->is_map ? &value : NULL);
}

void datum_diff(struct datum *ret_diff, const struct datum *old, const struct datum *new,
		const struct column_type *t)
{
	struct walk w = walk_begin(old, new, t->key.type);

	if (t->n_max == 1) {
		datum_copy(ret_diff, new, t);
		return;
	}
	datum_init_empty(ret_diff);
	while (walk_next(&w)) {
		if (!w.in_b)
			append_copy(ret_diff, old, w.i, t);
		else if (!w.in_a || !walk_values_equal(&w, t))
			append_copy(ret_diff, new, w.j, t);
	}
}

/* The difference of a difference: what is in one of the two alone stays, equal pairs go,
 * of different ones the second counts. */
struct err *datum_apply_diff(struct datum *d, const struct datum *diff,
			     const struct column_type *t)
{
	struct datum result;
	struct err *e;

	datum_diff(&result, d, diff, t);
	e = datum_check_count(&result, t);
	if (!e)
		datum_swap(d, &result);
	datum_clear(&result, t);
	return e;
}
