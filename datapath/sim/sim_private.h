/* The provider's state as its own control files see it: sim_control.c, sim_load.c. */
#ifndef DATAPATH_SIM_PRIVATE_H
#define DATAPATH_SIM_PRIVATE_H 1

#include "datapath/datapath.h"

struct sim_world;

struct sim_world *sim_world(struct datapath *dp);
/* Makes the event descriptor readable if an event is queued. */
void sim_wake(struct datapath *dp);

#endif
