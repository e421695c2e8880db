/* Index look-ups inside a transaction: committed rows by the table's index, changed rows
 * by an index of the transaction itself, over their new values.
 *
 * This second index is updated only by a look-up: a written row is put on the table's
 * list of stale rows and indexed at the next look-up. So writing several columns of a row
 * costs nothing here, and ten thousand inserts with a look-up after each take linear
 * time. */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/alloc.h"
#include "lib/arena.h"

#include <assert.h>
#include <stdlib.h>

void txn_index_mark_stale(struct txn *t, struct txn_row *tr)
{
	struct txn_table *tt = &t->tables[tr->table->schema->index];

	assert(!tr->is_swapped);
	if (tr->is_stale || !tr->table->schema->n_indexes)
		return;
	tr->is_stale = true;
	tr->next_stale = tt->stale;
	tt->stale = tr;
}

void txn_index_clear(struct txn *t)
{
	for (size_t i = 0; i < t->db->schema->n_tables; i++) {
		struct txn_table *tt = &t->tables[i];

		for (size_t j = 0; tt->indexes && j < t->db->schema->tables[i].n_indexes;
		     j++)
			row_hash_clear(&tt->indexes[j]);
		free(tt->indexes);
		tt->indexes = NULL;
	}
}

static const struct datum **key_array(const struct index_schema *x)
{
	return xcalloc(x->n_columns, sizeof(const struct datum *));
}

static uint32_t new_hash(const struct index_schema *x, const struct txn_row *tr)
{
	CLEANUP(freep) const struct datum **key = key_array(x);

	for (size_t i = 0; i < x->n_columns; i++)
		key[i] = txn_row_new(tr, x->columns[i]);
	return table_key_hash(x, key);
}

static void index_row(const struct txn *t, struct txn_table *tt, struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	bool is_in = !tr->is_deleted && (tr->is_new || txn_row_is_reindexed(tr));

	assert(tt->indexes && (tr->hashes || !tr->is_indexed));
	if (!tr->hashes)
		tr->hashes = arena_array(t->arena, ts->n_indexes, sizeof(*tr->hashes));
	for (size_t i = 0; i < ts->n_indexes; i++) {
		if (tr->is_indexed)
			row_hash_remove(&tt->indexes[i], tr->row, tr->hashes[i]);
		if (!is_in)
			continue;
		tr->hashes[i] = new_hash(&ts->indexes[i], tr);
		tt->n_collisions += row_hash_add(&tt->indexes[i], tr->row, tr->hashes[i]);
	}
	tr->is_indexed = is_in;
}

/* A row is added behind all rows that already have its key: n equal keys cost n * n / 2
 * steps of about a nanosecond each. */
#define MAX_COLLISIONS 10000000
_Static_assert(4400 * 4400 / 2 <= MAX_COLLISIONS, "4,400 equal keys, ten milliseconds");

static bool is_exhausted(const struct txn_table *tt)
{
	return tt->n_collisions > MAX_COLLISIONS;
}

bool txn_is_exhausted(const struct txn *t)
{
	for (size_t i = 0; i < t->db->schema->n_tables; i++) {
		if (is_exhausted(&t->tables[i]))
			return true;
	}
	return false;
}

static void index_stale_rows(const struct txn *t, struct txn_table *tt,
			     const struct table *table)
{
	if (tt->stale && !tt->indexes)
		tt->indexes = xcalloc(table->schema->n_indexes, sizeof(*tt->indexes));
	while (tt->stale && !is_exhausted(tt)) {
		struct txn_row *tr = tt->stale;

		tt->stale = tr->next_stale;
		assert(tr->is_stale && tr->table == table);
		tr->is_stale = false;
		index_row(t, tt, tr);
	}
	assert(!tt->stale || is_exhausted(tt));
}

/* A look-up by key: 'fn' is called for each row found. */
struct look_up {
	const struct txn *txn;
	const struct index_schema *schema;
	const struct datum *const *key;
	uint32_t hash;              /* of 'key' */
	const struct datum **found; /* room for the key of a row */
	txn_row_fn *fn;
	void *aux;
};

/* Calls 'fn' for each row of 'index' that has this key. Committed rows that the
 * transaction deleted, or gave another key, are skipped: its own index has their new
 * values. */
static void visit_rows(const struct look_up *l, const struct row_hash *index,
		       bool is_committed)
{
	struct row_hash_walk w = row_hash_walk_begin(index, l->hash);
	const struct index_schema *x = l->schema;
	const struct txn *t = l->txn;
	struct row *r;

	while ((r = row_hash_walk_next(&w))) {
		const struct txn_row *tr = txn_row_find(t, r);

		if (is_committed && tr && (tr->is_deleted || txn_row_is_reindexed(tr)))
			continue;
		for (size_t j = 0; j < x->n_columns; j++)
			l->found[j] = txn_get(t, r, x->columns[j]);
		if (table_key_equals(x, l->key, l->found))
			l->fn(l->aux, r);
	}
}

void txn_for_each_by_index(const struct txn *t, const struct table *table, size_t index,
			   const struct datum *const *key, txn_row_fn *fn, void *aux)
{
	const struct index_schema *x = &table->schema->indexes[index];
	struct txn_table *tt = &t->tables[table->schema->index];
	CLEANUP(freep) const struct datum **found = key_array(x);
	const struct look_up l = {
		.txn = t,
		.schema = x,
		.key = key,
		.hash = table_key_hash(x, key),
		.found = found,
		.fn = fn,
		.aux = aux,
	};

	assert(index < table->schema->n_indexes);
	index_stale_rows(t, tt, table);
	if (tt->indexes)
		visit_rows(&l, &tt->indexes[index], false);
	visit_rows(&l, &table->indexes[index], true);
}

static void note_row(void *aux, struct row *r)
{
	struct row **found = aux;

	*found = r;
}

struct row *txn_find_by_index(const struct txn *t, const struct table *table,
			      size_t index, const struct datum *const *key)
{
	struct row *found = NULL;

	txn_for_each_by_index(t, table, index, key, note_row, &found);
	return found;
}
