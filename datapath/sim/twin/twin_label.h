/* Labels of the IPv4 addresses of the simulated kernel (kernel.md 36). */
#ifndef DATAPATH_SIM_TWIN_LABEL_H
#define DATAPATH_SIM_TWIN_LABEL_H 1

#include "datapath/sim/twin/twin_state.h"

/* The device has got another name. */
void twin_label_follow_name(struct twin_link *l);

#endif
