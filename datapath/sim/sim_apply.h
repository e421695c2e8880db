/* One step of a plan, done on the simulated kernel. */
#ifndef DATAPATH_SIM_APPLY_H
#define DATAPATH_SIM_APPLY_H 1

#include "datapath/sim/sim_state.h"

/* '*violation' becomes the first sentence about something foreign that a step touched;
 * owned by the caller. */
struct err *sim_apply_step(struct sim_world *w, const struct plan_step *s,
			   struct plan_result *result, char **violation) MUST_CHECK;

#endif
