/* Open addressing with linear probing (Knuth, The Art of Computer Programming, 6.4,
 * algorithms L and R): an item is in the slot of its hash or, if that is taken, in one of
 * the following slots, with no free slot in between. The callers compare keys. */
#include "ovsdb-lite/rows/row_hash.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MIN_BITS 3

static size_t n_slots(const struct row_hash *x)
{
	return x->items ? (size_t)1 << x->n_bits : 0;
}

static uint32_t last_slot(const struct row_hash *x)
{
	return (uint32_t)(n_slots(x) - 1);
}

/* Fibonacci hashing (Knuth 6.4): the high bits of the product depend on all of 'hash'. */
static uint32_t home(const struct row_hash *x, uint32_t hash)
{
	return hash * 0x9e3779b1u >> (32 - x->n_bits);
}

static size_t put(struct row_hash *x, void *item, uint32_t hash)
{
	uint32_t i = home(x, hash);
	size_t n_equal = 0;

	for (; x->items[i]; i = (i + 1) & last_slot(x))
		n_equal += x->hashes[i] == hash;
	x->items[i] = item;
	x->hashes[i] = hash;
	x->n++;
	return n_equal;
}

static void resize(struct row_hash *x, unsigned int n_bits)
{
	struct row_hash old = *x;
	size_t n = (size_t)1 << n_bits;

	assert(n_bits < 32);
	x->items = xcalloc(n, sizeof(x->items[0]) + sizeof(x->hashes[0]));
	x->hashes = (uint32_t *)(x->items + n);
	x->n_bits = n_bits;
	x->n = 0;
	for (size_t i = 0; i < n_slots(&old); i++) {
		if (old.items[i])
			put(x, old.items[i], old.hashes[i]);
	}
	free(old.items);
}

size_t row_hash_add(struct row_hash *x, void *item, uint32_t hash)
{
	assert(item);
	if (!x->items)
		resize(x, MIN_BITS);
	else if (x->n >= n_slots(x) / 5 * 4)
		resize(x, x->n_bits + 1);
	return put(x, item, hash);
}

/* Frees a slot, and moves items into it that would not be found behind a free slot. */
static void take_out(struct row_hash *x, uint32_t gap)
{
	uint32_t mask = last_slot(x);

	for (uint32_t i = (gap + 1) & mask; x->items[i]; i = (i + 1) & mask) {
		uint32_t way = (i - home(x, x->hashes[i])) & mask;

		if (way < ((i - gap) & mask))
			continue; /* its own slot comes after the gap */
		x->items[gap] = x->items[i];
		x->hashes[gap] = x->hashes[i];
		gap = i;
	}
	x->items[gap] = NULL;
	x->n--;
}

void row_hash_remove(struct row_hash *x, const void *item, uint32_t hash)
{
	uint32_t i = home(x, hash);

	assert(x->n);
	while (x->items[i] != item) {
		assert(x->items[i]);
		i = (i + 1) & last_slot(x);
	}
	take_out(x, i);
	if (x->n_bits > MIN_BITS && x->n < n_slots(x) / 8)
		resize(x, x->n_bits - 1);
}

void row_hash_clear(struct row_hash *x)
{
	free(x->items);
	*x = (struct row_hash){0};
}

struct row_hash_walk row_hash_walk_begin(const struct row_hash *x, uint32_t hash)
{
	return (struct row_hash_walk){
		.index = x,
		.hash = hash,
		.slot = x->items ? home(x, hash) : 0,
	};
}

void *row_hash_walk_next(struct row_hash_walk *w)
{
	const struct row_hash *x = w->index;

	while (x->items && x->items[w->slot]) {
		uint32_t i = w->slot;

		w->slot = (i + 1) & last_slot(x);
		if (x->hashes[i] == w->hash)
			return x->items[i];
	}
	return NULL;
}

uint32_t row_hash_pointer(const void *p)
{
	/* Heap addresses are multiples of 16. */
	uint64_t x = (uint64_t)(uintptr_t)p >> 4;

	return (uint32_t)(x ^ x >> 32);
}
