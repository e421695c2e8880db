/* Applies a transaction to the tables in memory: from here on readers see its rows. */
#include "ovsdb-lite/rows/txn_private.h"

#include <assert.h>
#include <utlist.h>

void txn_renew_versions(struct txn *t)
{
	enum change_kind kind;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		if (txn_row_change(tr, &kind) && kind == CHANGE_UPDATE)
			tr->version = uuid_random();
	}
}

static void swap_cells(struct txn_row *tr)
{
	struct uuid version = tr->row->version;
	bool is_reindexed = txn_row_is_reindexed(tr);

	assert(tr->n_set && !uuid_is_zero(&tr->version)); /* txn_renew_versions() */
	if (is_reindexed)
		table_unindex(tr->table, tr->row);
	for (size_t i = 0; i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			datum_swap(&tr->cells[i].datum, &tr->row->fields[i]);
	}
	if (is_reindexed)
		table_reindex(tr->table, tr->row);
	tr->row->version = tr->version;
	tr->version = version;
}

void txn_swap(struct txn *t)
{
	enum change_kind kind;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		struct txn_table *tt = &t->tables[tr->table->schema->index];

		assert(!tr->is_swapped);
		assert(tr->ref_delta >= 0 || tr->row->n_refs >= (uint64_t)-tr->ref_delta);
		tr->row->n_refs += (uint64_t)tr->ref_delta;
		if (!txn_row_change(tr, &kind))
			continue;
		switch (kind) {
		case CHANGE_INSERT:
			DL_DELETE(tt->inserted, tr->row);
			table_add(tr->table, tr->row);
			break;
		case CHANGE_UPDATE:
			swap_cells(tr);
			break;
		case CHANGE_DELETE:
			table_remove(tr->table, tr->row);
			break;
		}
		tr->is_swapped = true;
	}
}
