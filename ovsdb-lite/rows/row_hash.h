/* A hash table from 32-bit hashes to items; several items may have one hash. It finds
 * rows by UUID, by the columns of an index, and by their address.
 *
 * Twelve bytes a slot and nothing in the item: a general hash table needs more for each
 * item (uthash: 56 bytes), with a hundred thousand rows in several tables more than the
 * rows themselves. */
#ifndef OVSDB_ROW_HASH_H
#define OVSDB_ROW_HASH_H 1

#include <stddef.h>
#include <stdint.h>

/* Empty if all bytes are zero. */
struct row_hash {
	void **items;        /* NULL where a slot is free */
	uint32_t *hashes;    /* of the items, slot by slot; in the same allocation */
	unsigned int n_bits; /* 2^n_bits slots; none if 'items' is NULL */
	uint32_t n;
};

/* 'item' must not be NULL, nor be in the table. Returns how many items of the same hash
 * it stepped over: n equal hashes cost n * n / 2 steps. */
size_t row_hash_add(struct row_hash *x, void *item, uint32_t hash);
/* 'item' must be in the table, under this hash. */
void row_hash_remove(struct row_hash *x, const void *item, uint32_t hash);
/* Empties the table; does not free the items. */
void row_hash_clear(struct row_hash *x);

/* A loop over the items of a hash, whose keys may differ. 'x' must not change meanwhile:
 *   struct row_hash_walk w = row_hash_walk_begin(x, hash);
 *   while ((item = row_hash_walk_next(&w))) */
struct row_hash_walk {
	const struct row_hash *index;
	uint32_t hash, slot;
};
struct row_hash_walk row_hash_walk_begin(const struct row_hash *x, uint32_t hash);
void *row_hash_walk_next(struct row_hash_walk *w); /* NULL at the end */

uint32_t row_hash_pointer(const void *p);

#endif
