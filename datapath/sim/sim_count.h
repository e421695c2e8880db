/* What simulated devices have received and sent. */
#ifndef DATAPATH_SIM_SIM_COUNT_H
#define DATAPATH_SIM_SIM_COUNT_H 1

#include "datapath/datapath.h"

datapath_count_fn sim_count;

#endif
