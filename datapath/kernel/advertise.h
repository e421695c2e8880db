/* Announcing addresses to the neighbours: frames on the device of a slave. */
#ifndef DATAPATH_KERNEL_ADVERTISE_H
#define DATAPATH_KERNEL_ADVERTISE_H 1

#include "datapath/kernel/state/kernel_state.h"

bool advertise_addresses(struct datapath *dp, struct datapath_announcement *list,
			 size_t n);
/* Ends what is being sent. */
void advertise_close(struct kernel *k);

#endif
