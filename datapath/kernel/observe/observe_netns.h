/* From the namespaces found to the model. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_NETNS_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_NETNS_H 1

#include "datapath/kernel/observe/observe_link.h"

void observe_netns_fill(struct observation *o, struct model *have);

#endif
