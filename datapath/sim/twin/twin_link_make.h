/* New devices: RTM_NEWLINK for a name that is free. */
#ifndef DATAPATH_SIM_TWIN_LINK_MAKE_H
#define DATAPATH_SIM_TWIN_LINK_MAKE_H 1

#include "datapath/sim/twin/twin_call.h"

/* 'c->made' becomes the device. */
struct err *twin_link_make(struct twin_call *c) MUST_CHECK;

#endif
