/* A hash from the values of an index's columns to rows (RFC 7047 3.2 "indexes"). Several
 * rows may have equal keys: a transaction on its way may pass through such a state, and
 * judges the end only. */
#ifndef OVSDB_TABLE_INDEX_H
#define OVSDB_TABLE_INDEX_H 1

#include "ovsdb-lite/datum.h"
#include "ovsdb-lite/schema.h"

#include <stdbool.h>
#include <stdint.h>

struct row;
struct index_slot;

/* A row's place in one index; whoever owns the row owns it. */
struct index_node {
	struct row *row;
	struct index_slot *slot; /* NULL: not in the index */
	struct index_node *prev, *next;
};

/* Zeroed: empty. */
struct table_index {
	struct index_slot *slots;
};

/* 'key[i]' belongs to schema->columns[i]. */
uint32_t index_key_hash(const struct index_schema *schema,
			const struct datum *const *key);
bool index_key_equals(const struct index_schema *schema, const struct datum *const *a,
		      const struct datum *const *b);

void table_index_add(struct table_index *x, struct index_node *node, uint32_t hash);
void table_index_remove(struct table_index *x, struct index_node *node); /* if it is in */
/* The nodes of this hash, linked by 'next', whose keys may still differ; NULL if none. */
struct index_node *table_index_find(const struct table_index *x, uint32_t hash);
/* Forgets the nodes, which stay their owners'. */
void table_index_clear(struct table_index *x);

#endif
