/* Announcements: recorded, since nothing is on the wire. */
#ifndef DATAPATH_SIM_SIM_ANNOUNCE_H
#define DATAPATH_SIM_SIM_ANNOUNCE_H 1

#include "datapath/datapath.h"

bool sim_announce(struct datapath *dp, struct datapath_announcement *list, size_t n);

#endif
