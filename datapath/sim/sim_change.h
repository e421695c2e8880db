/* Words for what messages about a simulated device show. */
#ifndef DATAPATH_SIM_SIM_CHANGE_H
#define DATAPATH_SIM_SIM_CHANGE_H 1

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_state.h"
#include "lib/arena.h"

/* "mtu 1400, set down"; "" if nothing that matters has changed. */
const char *sim_change_text(struct arena *a, const struct twin_view *old,
			    const struct twin_view *new);
/* "the ipvlan ns1/x, which is not ours": 't' is of its namespace, NULL if that has none. */
const char *sim_change_stranger(struct arena *a, const struct sim_text *t,
				const struct twin_view *v);

#endif
