/* What the simulated kernel shows of a scope. */
#ifndef DATAPATH_SIM_OBSERVE_H
#define DATAPATH_SIM_OBSERVE_H 1

#include "datapath/sim/twin/twin_state.h"

/* As datapath_observe_fn. */
struct err *sim_observe(struct twin_world *w, const struct model *scope,
			enum datapath_depth depth, struct arena *a,
			struct model **ret_have) MUST_CHECK;

#endif
