/* Router advertisements. */
#ifndef DATAPATH_SIM_TWIN_ADVERT_H
#define DATAPATH_SIM_TWIN_ADVERT_H 1

#include "datapath/sim/twin/twin_state.h"

/* Sends one by the device, of itself as a default router and of a prefix for addresses. */
struct err *twin_advert_send(struct twin_world *w, struct twin_link *l,
			     const struct ip_prefix *prefix) MUST_CHECK;

#endif
