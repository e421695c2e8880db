/* Files, rules and routes of ours in namespaces without a slave. */
#ifndef DATAPATH_SIM_SIM_LEFT_H
#define DATAPATH_SIM_SIM_LEFT_H 1

#include "datapath/sim/sim_show.h"

/* After all slaves and namespaces of the scope were shown. */
void sim_left_show(struct sim_observation *k);

#endif
