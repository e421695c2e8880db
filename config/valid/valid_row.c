/* Rows as the transaction that is checked sees them. */
#include "config/valid/valid_row.h"

const struct datum *valid_row_get(const struct valid_txn *t, const struct row *r,
				  const struct column_schema *c)
{
	return txn_get(t->txn, r, c);
}

const char *valid_row_text(const struct valid_txn *t, const struct row *r,
			   const struct column_schema *c)
{
	return datum_string(valid_row_get(t, r, c));
}

const char *valid_row_label(const struct valid_txn *t, const struct row *r)
{
	const struct ipvl_columns *c = t->c;
	bool is_slave = row_table(r) == c->slave.table;

	if (row_table(r) == c->pool.table)
		return valid_row_text(t, r, c->pool.name);
	return model_label(
		t->a, valid_row_text(t, r, is_slave ? c->slave.netns : c->master.netns),
		valid_row_text(t, r, is_slave ? c->slave.name : c->master.name));
}
