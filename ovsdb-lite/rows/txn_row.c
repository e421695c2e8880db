/* The images of a row in a transaction: its old and its new values.
 *
 * A touched row has a txn_row, found by the row's address. Changed columns of a committed
 * row are in the cells of the txn_row. The values of a new row are in the row itself,
 * which is in no table yet. */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/arena.h"

#include <assert.h>

struct txn_row *txn_row_find(const struct txn *t, const struct row *r)
{
	struct row_hash_walk w = row_hash_walk_begin(&t->by_row, row_hash_pointer(r));
	struct txn_row *tr;

	while ((tr = row_hash_walk_next(&w)) && tr->row != r)
		;
	return tr;
}

struct txn_row *txn_row_get(struct txn *t, struct row *r)
{
	struct txn_row *tr = txn_row_find(t, r);

	assert(r->table->db == t->db);
	if (!tr) {
		tr = arena_alloc(t->arena, sizeof(*tr));
		tr->row = r;
		tr->table = r->table;
		if (t->last_row)
			t->last_row->next = tr;
		else
			t->rows = tr;
		t->last_row = tr;
		row_hash_add(&t->by_row, tr, row_hash_pointer(r));
	}
	return tr;
}

struct txn_cell *txn_row_cells(struct txn *t, struct txn_row *tr)
{
	assert(tr->cells || !tr->n_set);
	if (!tr->cells)
		tr->cells = arena_array(t->arena, tr->table->schema->n_columns,
					sizeof(*tr->cells));
	return tr->cells;
}

/* The row itself may have been freed (a replica's row that a later transaction deleted):
 * it is used only where this transaction owns it. */
void txn_row_clear(struct txn_row *tr)
{
	bool owns_row = tr->is_new ? tr->is_deleted || !tr->is_swapped
				   : tr->is_deleted && tr->is_swapped;

	for (size_t i = 0; tr->cells && i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			datum_clear(&tr->cells[i].datum,
				    &tr->table->schema->columns[i].type);
	}
	if (owns_row)
		row_free(tr->row);
}

bool txn_row_is_deleted(const struct txn *t, const struct row *r)
{
	const struct txn_row *tr = txn_row_find(t, r);

	return tr && tr->is_deleted;
}

const struct datum *txn_get(const struct txn *t, const struct row *r,
			    const struct column_schema *c)
{
	const struct txn_row *tr = txn_row_find(t, r);

	if (tr && tr->n_set && !tr->is_swapped && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return row_get(r, c);
}

bool txn_row_change(const struct txn_row *tr, enum change_kind *ret_kind)
{
	/* The values of a new row are in the row, those of a deleted one are dropped. */
	assert(!tr->n_set || (tr->cells && !tr->is_new && !tr->is_deleted));
	if (tr->is_deleted && tr->is_new)
		return false;
	if (!tr->is_deleted && !tr->is_new && !tr->n_set)
		return false;
	*ret_kind = tr->is_deleted ? CHANGE_DELETE
		    : tr->is_new   ? CHANGE_INSERT
				   : CHANGE_UPDATE;
	return true;
}

const struct datum *txn_row_old(const struct txn_row *tr, const struct column_schema *c)
{
	assert(c == &tr->table->schema->columns[c->index]);
	if (tr->is_new)
		return NULL;
	if (tr->is_swapped && tr->n_set && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return &tr->row->fields[c->index];
}

const struct datum *txn_row_new(const struct txn_row *tr, const struct column_schema *c)
{
	assert(c == &tr->table->schema->columns[c->index]);
	if (tr->is_deleted)
		return NULL;
	if (!tr->is_swapped && tr->n_set && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return &tr->row->fields[c->index];
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
