/* One step of a plan, done on the simulated kernel. */
#ifndef DATAPATH_SIM_APPLY_H
#define DATAPATH_SIM_APPLY_H 1

#include "datapath/sim/sim_host.h"

struct err *sim_apply_step(struct datapath *dp, const struct plan_step *s,
			   struct plan_result *result) MUST_CHECK;

#endif
