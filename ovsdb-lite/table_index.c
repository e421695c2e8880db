/* The hash of an index: slots by the 32 bits of the key's hash, and in each the rows that
 * have it (nearly always one). Equality of keys is the caller's, who knows whether the
 * committed values or a transaction's are meant. Beside it: table.c keeps one for the
 * committed rows, txn_index.c one for the rows that a transaction changed. */
#include "ovsdb-lite/table_index.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

struct index_slot {
	uint32_t hash;
	struct index_node *nodes;
	UT_hash_handle hh;
};

uint32_t index_key_hash(const struct index_schema *schema, const struct datum *const *key)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < schema->n_columns; i++)
		hash = datum_hash(key[i], &schema->columns[i]->type, hash);
	return hash;
}

bool index_key_equals(const struct index_schema *schema, const struct datum *const *a,
		      const struct datum *const *b)
{
	for (size_t i = 0; i < schema->n_columns; i++) {
		if (!datum_equals(a[i], b[i], &schema->columns[i]->type))
			return false;
	}
	return true;
}

static struct index_slot *find_slot(const struct table_index *x, uint32_t hash)
{
	struct index_slot *slot;

	HASH_FIND(hh, x->slots, &hash, sizeof(hash), slot);
	return slot;
}

void table_index_add(struct table_index *x, struct index_node *node, uint32_t hash)
{
	struct index_slot *slot = find_slot(x, hash);

	if (!slot) {
		slot = xcalloc(1, sizeof(*slot));
		slot->hash = hash;
		HASH_ADD(hh, x->slots, hash, sizeof(slot->hash), slot);
	}
	node->slot = slot;
	DL_APPEND(slot->nodes, node);
}

void table_index_remove(struct table_index *x, struct index_node *node)
{
	struct index_slot *slot = node->slot;

	if (!slot)
		return;
	DL_DELETE(slot->nodes, node);
	node->slot = NULL;
	if (!slot->nodes) {
		HASH_DEL(x->slots, slot);
		free(slot);
	}
}

struct index_node *table_index_find(const struct table_index *x, uint32_t hash)
{
	const struct index_slot *slot = find_slot(x, hash);

	return slot ? slot->nodes : NULL;
}

void table_index_clear(struct table_index *x)
{
	struct index_slot *slot, *next;

	HASH_ITER (hh, x->slots, slot, next) {
		HASH_DEL(x->slots, slot);
		free(slot);
	}
}
