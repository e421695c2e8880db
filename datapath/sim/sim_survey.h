/* A survey of the simulated kernel. */
#ifndef DATAPATH_SIM_SURVEY_H
#define DATAPATH_SIM_SURVEY_H 1

#include "datapath/datapath.h"
#include "datapath/sim/twin/twin_state.h"

/* As datapath_survey_fn. */
void sim_survey(struct twin_world *w, const struct model *scope,
		enum datapath_survey_use use, struct arena *a, struct model **ret_have);

#endif
