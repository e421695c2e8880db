/* What a simulated namespace does with a packet, and what its devices have carried: nothing. */
#ifndef DATAPATH_SIM_SIM_LOOKUP_H
#define DATAPATH_SIM_SIM_LOOKUP_H 1

#include "datapath/datapath.h"

datapath_lookup_fn sim_lookup;
datapath_count_fn sim_count;

#endif
