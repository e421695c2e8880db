/* The slave through which a master's port is read and set, among those that had a device last. It
 * also shows the plan that the master is in use. */
#include "reconciler/wanted/desired.h"

#include "config/state.h"

const struct row *desired_witness_of(const struct desired_source *source,
				     const struct row *master, desired_skip_fn *skip,
				     void *aux)
{
	const struct ipvl_columns *c = source->columns;
	const struct datum *slaves = desired_get(source, master, c->master.slaves);
	const struct row *found = NULL;

	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *r =
			desired_row(source, c->slave.table, &datum_keys(slaves)[i].uuid);

		if (!r || !desired_get(source, r, c->slave.ifindex)->n || skip(aux, r))
			continue;
		if (state_from_name(datum_text(desired_get(source, r, c->slave.state))) ==
		    STATE_READY)
			return r;
		found = r;
	}
	return found;
}

bool desired_was_well(const struct desired_source *source, const struct row *master)
{
	const struct ipvl_columns *c = source->columns;

	return state_from_name(datum_text(
		       desired_get(source, master, c->master.state))) == STATE_READY &&
	       !desired_get(source, master, c->master.warnings)->n;
}
