/* From 32-bit hashes to items, of which several may have one hash: what finds rows by
 * UUID, by the columns of an index, and by their address.
 *
 * Twelve bytes a slot and nothing in the item: with a hundred thousand rows in each of
 * several such, what a general hash table keeps for each item (uthash: 56 bytes) would be
 * more than the rows themselves. */
#ifndef OVSDB_ROW_HASH_H
#define OVSDB_ROW_HASH_H 1

#include <stddef.h>
#include <stdint.h>

/* All bytes zero: empty. */
struct row_hash {
	void **items;        /* NULL where a slot is free */
	uint32_t *hashes;    /* of the items, slot by slot; in the same allocation */
	unsigned int n_bits; /* 2^n_bits slots, if there are any */
	uint32_t n;
};

/* Does not look whether 'item', not NULL, is in it already. Returns how many of the same
 * hash it had to step over: n equal ones are n * n / 2 steps. */
size_t row_hash_add(struct row_hash *x, void *item, uint32_t hash);
/* It must be in, under this hash. */
void row_hash_remove(struct row_hash *x, const void *item, uint32_t hash);
/* Forgets the items, which stay their owners'. */
void row_hash_clear(struct row_hash *x);

/* The items of a hash, whose keys may still differ. 'x' must not change meanwhile:
 *   for (struct row_hash_walk w = row_hash_walk_begin(x, hash); (item = row_hash_walk_next(&w));) */
struct row_hash_walk {
	const struct row_hash *index;
	uint32_t hash, slot;
};
struct row_hash_walk row_hash_walk_begin(const struct row_hash *x, uint32_t hash);
void *row_hash_walk_next(struct row_hash_walk *w); /* NULL at the end */

uint32_t row_hash_pointer(const void *p);

#endif
