/* What a namespace does with a packet. */
#ifndef DATAPATH_KERNEL_OBSERVE_LOOKUP_H
#define DATAPATH_KERNEL_OBSERVE_LOOKUP_H 1

#include "datapath/datapath.h"

datapath_lookup_fn lookup_kernel;

#endif
