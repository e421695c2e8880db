/* Data in memory: storage, order, equality. */
#include "ovsdb-lite/values/datum.h"

#include "lib/alloc.h"
#include "lib/hash.h"
#include "ovsdb-lite/values/datum_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const union atom *datum_keys(const struct datum *d)
{
	return d->cap ? d->many.keys : &d->one;
}

const union atom *datum_values(const struct datum *d)
{
	return d->cap ? d->many.values : NULL;
}

union atom *datum_own_keys(struct datum *d)
{
	assert(!d->is_packed);
	return d->cap ? d->many.keys : &d->one;
}

void datum_init_empty(struct datum *d)
{
	memset(d, 0, sizeof(*d));
}

void datum_reserve(struct datum *d, size_t n, bool is_map)
{
	union atom one = d->one;
	bool was_inline = !d->cap;

	assert(n <= INT32_MAX && !d->is_packed);
	if (n <= d->cap || (was_inline && !is_map && n <= 1))
		return;
	d->many.keys =
		xrealloc_array(was_inline ? NULL : d->many.keys, n, sizeof(union atom));
	d->many.values = is_map ? xrealloc_array(was_inline ? NULL : d->many.values, n,
						 sizeof(union atom))
				: NULL;
	if (was_inline && d->n)
		d->many.keys[0] = one;
	d->cap = (uint32_t)n & INT32_MAX;
}

void datum_tidy(struct datum *d)
{
	union atom *keys = d->many.keys;
	uint32_t n = d->n;

	if (!d->cap || n > 1 || (n && d->many.values))
		return;
	free(d->many.values);
	datum_init_empty(d);
	d->n = n;
	if (n)
		d->one = keys[0];
	free(keys);
}

void datum_append(struct datum *d, union atom key, const union atom *value)
{
	size_t room = d->cap ? d->cap : !value;

	if (d->n >= room)
		datum_reserve(d, d->n < 4 ? 4 : (size_t)d->n * 2, value);
	datum_own_keys(d)[d->n] = key;
	if (value)
		d->many.values[d->n] = *value;
	d->n++;
}

void datum_init_default(struct datum *d, const struct column_type *t)
{
	union atom value;

	datum_init_empty(d);
	if (!t->n_min)
		return;
	datum_reserve(d, 1, t->is_map);
	if (t->is_map)
		value = atom_default(t->value.type);
	datum_append(d, atom_default(t->key.type), t->is_map ? &value : NULL);
}

void datum_copy(struct datum *d, const struct datum *from, const struct column_type *t)
{
	const union atom *keys = datum_keys(from), *values = datum_values(from);

	datum_init_empty(d);
	if (!from->n)
		return;
	datum_reserve(d, from->n, t->is_map);
	for (uint32_t i = 0; i < from->n; i++) {
		datum_own_keys(d)[i] = atom_copy(&keys[i], t->key.type);
		if (t->is_map)
			d->many.values[i] = atom_copy(&values[i], t->value.type);
	}
	d->n = from->n;
}

void datum_clear(struct datum *d, const struct column_type *t)
{
	union atom *keys = d->cap ? d->many.keys : &d->one;

	if (d->is_packed) {
		datum_init_empty(d);
		return;
	}
	if (t->key.type == ATOM_STRING) {
		for (uint32_t i = 0; i < d->n; i++)
			free(keys[i].string);
	}
	if (d->cap) {
		if (d->many.values && t->value.type == ATOM_STRING) {
			for (uint32_t i = 0; i < d->n; i++)
				free(d->many.values[i].string);
		}
		free(d->many.keys);
		free(d->many.values);
	}
	datum_init_empty(d);
}

void datum_swap(struct datum *a, struct datum *b)
{
	struct datum c = *a;

	*a = *b;
	*b = c;
}

int datum_cmp(const struct datum *a, const struct datum *b, const struct column_type *t)
{
	const union atom *a_keys = datum_keys(a), *b_keys = datum_keys(b);
	const union atom *a_values = datum_values(a), *b_values = datum_values(b);
	uint32_t n = a->n < b->n ? a->n : b->n;

	for (uint32_t i = 0; i < n; i++) {
		int c = atom_cmp(&a_keys[i], &b_keys[i], t->key.type);

		if (!c && t->is_map)
			c = atom_cmp(&a_values[i], &b_values[i], t->value.type);
		if (c)
			return c;
	}
	return (a->n > b->n) - (a->n < b->n);
}

bool datum_equals(const struct datum *a, const struct datum *b,
		  const struct column_type *t)
{
	return a->n == b->n && !datum_cmp(a, b, t);
}

bool datum_is_default(const struct datum *d, const struct column_type *t)
{
	struct datum by_default;
	bool is_default;

	if (d->n != t->n_min)
		return false;
	datum_init_default(&by_default, t);
	is_default = datum_equals(d, &by_default, t);
	datum_clear(&by_default, t);
	return is_default;
}

uint32_t datum_hash(const struct datum *d, const struct column_type *t, uint32_t seed)
{
	const union atom *keys = datum_keys(d), *values = datum_values(d);
	uint32_t h = seed ^ d->n;

	for (uint32_t i = 0; i < d->n; i++) {
		h = atom_hash(&keys[i], t->key.type, h);
		if (t->is_map)
			h = atom_hash(&values[i], t->value.type, h);
	}
	return h;
}

static uint64_t weight_of_strings(const union atom *atoms, uint32_t n)
{
	uint64_t weight = 0;

	for (uint32_t i = 0; i < n; i++)
		weight += strlen(atoms[i].string) / 64;
	return weight;
}

uint64_t datum_weight(const struct datum *d, const struct column_type *t)
{
	uint64_t weight = d->n;

	if (t->key.type == ATOM_STRING)
		weight += weight_of_strings(datum_keys(d), d->n);
	if (t->is_map && t->value.type == ATOM_STRING)
		weight += weight_of_strings(datum_values(d), d->n);
	return weight;
}

int64_t datum_find(const struct datum *d, const union atom *key, enum atom_type key_type)
{
	const union atom *keys = datum_keys(d);
	uint32_t low = 0, high = d->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int c = atom_cmp(key, &keys[middle], key_type);

		if (!c)
			return middle;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

struct pair {
	union atom key, value;
};

static int cmp_atoms(const void *a, const void *b, void *type)
{
	return atom_cmp(a, b, *(const enum atom_type *)type);
}

static void sort_map(struct datum *d, enum atom_type key_type)
{
	struct pair *pairs = xcalloc(d->n, sizeof(*pairs));

	for (uint32_t i = 0; i < d->n; i++)
		pairs[i] = (struct pair){d->many.keys[i], d->many.values[i]};
	/* A pair begins with its key. */
	qsort_r(pairs, d->n, sizeof(*pairs), cmp_atoms, &key_type);
	for (uint32_t i = 0; i < d->n; i++) {
		d->many.keys[i] = pairs[i].key;
		d->many.values[i] = pairs[i].value;
	}
	free(pairs);
}

bool datum_sort_finds_duplicate(struct datum *d, const struct column_type *t)
{
	enum atom_type type = t->key.type;
	union atom *keys = datum_own_keys(d);
	uint32_t i = 1;

	while (i < d->n && atom_cmp(&keys[i - 1], &keys[i], type) < 0)
		i++;
	if (i >= d->n)
		return false; /* what a server sends is in order as a rule */
	if (t->is_map)
		sort_map(d, type);
	else
		qsort_r(keys, d->n, sizeof(*keys), cmp_atoms, &type);
	for (i = 1; i < d->n; i++) {
		if (atom_equals(&keys[i - 1], &keys[i], type))
			return true;
	}
	return false;
}

struct err *datum_sort(struct datum *d, const struct column_type *t)
{
	if (datum_sort_finds_duplicate(d, t))
		return err_new(ERR_CONSTRAINT, "%s",
			       t->is_map ? "map contains duplicate key"
					 : "set contains duplicate");
	return NULL;
}

static void set_one(struct datum *d, const struct column_type *t, enum atom_type type,
		    union atom atom)
{
	assert(t->key.type == type && !t->is_map);
	datum_clear(d, t);
	datum_append(d, atom, NULL);
}

void datum_set_string(struct datum *d, const struct column_type *t, const char *s)
{
	datum_set_strings(d, t, &s, s ? 1 : 0);
}

void datum_set_integer(struct datum *d, const struct column_type *t, int64_t i)
{
	union atom a = atom_default(ATOM_INTEGER);

	a.integer = i;
	set_one(d, t, ATOM_INTEGER, a);
}

void datum_set_boolean(struct datum *d, const struct column_type *t, bool b)
{
	union atom a = atom_default(ATOM_BOOLEAN);

	a.boolean = b;
	set_one(d, t, ATOM_BOOLEAN, a);
}

void datum_set_strings(struct datum *d, const struct column_type *t, const char *const *s,
		       size_t n)
{
	union atom *keys;
	uint32_t n_distinct = 0;

	assert(t->key.type == ATOM_STRING && !t->is_map);
	datum_clear(d, t);
	datum_reserve(d, n, false);
	for (size_t i = 0; i < n; i++)
		datum_append(d, (union atom){.string = xstrdup(s[i])}, NULL);
	if (!datum_sort_finds_duplicate(d, t))
		return;
	keys = datum_own_keys(d);
	for (uint32_t i = 0; i < d->n; i++) {
		if (n_distinct && !strcmp(keys[n_distinct - 1].string, keys[i].string))
			free(keys[i].string);
		else
			keys[n_distinct++] = keys[i];
	}
	d->n = n_distinct;
	datum_tidy(d);
}

const char *datum_string(const struct datum *d)
{
	assert(d->n <= 1);
	return d->n ? datum_keys(d)->string : NULL;
}

const char *datum_text(const struct datum *d)
{
	const char *s = d ? datum_string(d) : NULL;

	return s ? s : "";
}

int64_t datum_integer(const struct datum *d, int64_t if_empty)
{
	assert(d->n <= 1);
	return d->n ? datum_keys(d)->integer : if_empty;
}

bool datum_boolean(const struct datum *d, bool if_empty)
{
	assert(d->n <= 1);
	return d->n ? datum_keys(d)->boolean : if_empty;
}
