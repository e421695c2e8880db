/* Index look-ups inside a transaction: committed rows by the table's index, changed ones
 * by an index of the transaction's own, over their new values.
 *
 * That second index is brought up to date only when somebody looks: a written row is put
 * on the table's list of stale ones and indexed at the next look-up, so that writing
 * column after column costs nothing, and ten thousand inserts with a look-up after each
 * stay linear. */
#include "ovsdb-lite/txn_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>

void txn_index_mark_stale(struct txn *t, struct txn_row *tr)
{
	struct txn_table *tt = &t->tables[tr->table->schema->index];

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
			table_index_clear(&tt->indexes[j]);
		free(tt->indexes);
		tt->indexes = NULL;
	}
}

bool txn_row_is_reindexed(const struct txn_row *tr)
{
	const struct table *table = tr->table;

	for (size_t i = 0; tr->n_set && i < table->schema->n_columns; i++) {
		if (tr->cells[i].is_set && table->is_indexed[i])
			return true;
	}
	return false;
}

static const struct datum **key_array(const struct index_schema *x)
{
	return xcalloc(x->n_columns, sizeof(const struct datum *));
}

static void index_row(struct txn_table *tt, struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	bool is_in = !tr->is_deleted && (tr->is_new || txn_row_is_reindexed(tr));

	if (!tr->nodes && !is_in)
		return;
	if (!tr->nodes)
		tr->nodes = xcalloc(ts->n_indexes, sizeof(*tr->nodes));
	for (size_t i = 0; i < ts->n_indexes; i++) {
		const struct index_schema *x = &ts->indexes[i];
		CLEANUP(freep) const struct datum **key = NULL;

		table_index_remove(&tt->indexes[i], &tr->nodes[i]);
		if (!is_in)
			continue;
		key = key_array(x);
		for (size_t j = 0; j < x->n_columns; j++)
			key[j] = txn_row_new(tr, x->columns[j]);
		tr->nodes[i].row = tr->row;
		table_index_add(&tt->indexes[i], &tr->nodes[i], index_key_hash(x, key));
	}
}

static void index_stale_rows(struct txn_table *tt, const struct table *table)
{
	if (!tt->indexes)
		tt->indexes = xcalloc(table->schema->n_indexes, sizeof(*tt->indexes));
	while (tt->stale) {
		struct txn_row *tr = tt->stale;

		tt->stale = tr->next_stale;
		tr->is_stale = false;
		index_row(tt, tr);
	}
}

/* Calls 'fn' for each of 'nodes' that has this key. Of the committed ones, those that the
 * transaction deleted or gave another key are passed over: their new values are in its
 * own index. */
static void tell_nodes(const struct txn *t, const struct index_schema *x,
		       const struct index_node *nodes, bool is_committed,
		       const struct datum *const *key, txn_row_fn *fn, void *aux)
{
	CLEANUP(freep) const struct datum **found = nodes ? key_array(x) : NULL;

	for (const struct index_node *n = nodes; n; n = n->next) {
		const struct txn_row *tr = txn_row_find(t, n->row);

		if (is_committed && tr && (tr->is_deleted || txn_row_is_reindexed(tr)))
			continue;
		for (size_t j = 0; j < x->n_columns; j++)
			found[j] = txn_get(t, n->row, x->columns[j]);
		if (index_key_equals(x, key, found))
			fn(aux, n->row);
	}
}

void txn_for_each_by_index(const struct txn *t, const struct table *table, size_t index,
			   const struct datum *const *key, txn_row_fn *fn, void *aux)
{
	const struct index_schema *x = &table->schema->indexes[index];
	struct txn_table *tt = &t->tables[table->schema->index];
	uint32_t hash = index_key_hash(x, key);

	assert(index < table->schema->n_indexes);
	index_stale_rows(tt, table);
	tell_nodes(t, x, table_index_find(&tt->indexes[index], hash), false, key, fn,
		   aux);
	tell_nodes(t, x, table_index_find(&table->indexes[index], hash), true, key, fn,
		   aux);
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
