/* Rows as the source of a wanted model has them, and the rows behind its objects. */
#include "reconciler/wanted/desired.h"

const struct row *desired_row(const struct desired_source *source,
			      const struct table *table, const struct uuid *uuid)
{
	return rows_find(source->txn, table, uuid);
}

const struct datum *desired_get(const struct desired_source *source, const struct row *r,
				const struct column_schema *column)
{
	return rows_get(source->txn, r, column);
}

bool desired_slave_key(const struct desired_source *source, const struct row *slave,
		       struct key *ret_key)
{
	const struct ipvl_columns *c = source->columns;
	const struct row *master = rows_master_of(c, source->txn, slave);

	if (!master)
		return false;
	*ret_key = (struct key){
		.kind = KEY_SLAVE,
		.netns = datum_text(desired_get(source, slave, c->slave.netns)),
		.name = datum_text(desired_get(source, slave, c->slave.name)),
		.master_netns = datum_text(desired_get(source, master, c->master.netns)),
		.master_name = datum_text(desired_get(source, master, c->master.name)),
	};
	return true;
}

struct row *desired_master_row(const struct desired_source *source,
			       const struct model_master *m)
{
	return rows_find_master(source->columns, source->txn, m->netns, m->name);
}

struct row *desired_slave_row(const struct desired_source *source,
			      const struct model_slave *s)
{
	return rows_find_slave(source->columns, source->txn, s->netns, s->name);
}
