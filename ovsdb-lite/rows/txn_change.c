/* The list of a transaction's changes, for validators, observers and the store. */
#include "ovsdb-lite/rows/txn_private.h"

#include <assert.h>

static const struct txn_row *change_row(const struct change *c)
{
	assert(c->private_ && c->row); /* txn_next_change() returned true */
	return c->private_;
}

bool txn_next_change(const struct txn *t, struct change *c)
{
	struct txn_row *tr = c->private_;

	for (tr = tr ? tr->next : t->rows; tr; tr = tr->next) {
		if (!txn_row_change(tr, &c->kind))
			continue;
		c->private_ = tr;
		c->row = tr->row;
		c->table = tr->table;
		return true;
	}
	return false;
}

bool txn_is_empty(const struct txn *t)
{
	struct change c = {0};

	return !txn_next_change(t, &c);
}

const struct datum *change_old(const struct change *c, const struct column_schema *column)
{
	return txn_row_old(change_row(c), column);
}

const struct datum *change_new(const struct change *c, const struct column_schema *column)
{
	return txn_row_new(change_row(c), column);
}

bool change_is_changed(const struct change *c, const struct column_schema *column)
{
	const struct txn_row *tr = change_row(c);

	assert(column == &tr->table->schema->columns[column->index]);
	return c->kind != CHANGE_UPDATE || tr->cells[column->index].is_set;
}

const struct uuid *change_old_version(const struct change *c)
{
	const struct txn_row *tr = change_row(c);

	if (c->kind == CHANGE_INSERT)
		return NULL;
	return c->kind == CHANGE_UPDATE && tr->is_swapped ? &tr->version
							  : &tr->row->version;
}

bool change_is_persistent(const struct change *c)
{
	const struct txn_row *tr = change_row(c);
	const struct table_schema *ts = tr->table->schema;

	if (!tr->table->is_stored)
		return false;
	for (size_t i = 0; c->kind == CHANGE_UPDATE && i < ts->n_columns; i++) {
		if (tr->cells[i].is_set && !ts->columns[i].ephemeral)
			return true;
	}
	return c->kind != CHANGE_UPDATE;
}
