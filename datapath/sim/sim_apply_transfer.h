/* Steps by which a device changes hands. */
#ifndef DATAPATH_SIM_APPLY_TRANSFER_H
#define DATAPATH_SIM_APPLY_TRANSFER_H 1

#include "datapath/sim/sim_step.h"

struct err *sim_apply_link_adopt(struct sim_step *d) MUST_CHECK;
struct err *sim_apply_link_release(struct sim_step *d) MUST_CHECK;

#endif
