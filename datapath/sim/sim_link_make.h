/* New devices: RTM_NEWLINK for a name that is free. */
#ifndef DATAPATH_SIM_LINK_MAKE_H
#define DATAPATH_SIM_LINK_MAKE_H 1

#include "datapath/sim/sim_call.h"

/* 'c->made' becomes the device. */
struct err *sim_link_make(struct sim_call *c) MUST_CHECK;

#endif
