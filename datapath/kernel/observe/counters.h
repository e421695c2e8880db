/* What devices have received and sent. */
#ifndef DATAPATH_KERNEL_OBSERVE_COUNTERS_H
#define DATAPATH_KERNEL_OBSERVE_COUNTERS_H 1

#include "datapath/datapath.h"

datapath_count_fn counters_read;

#endif
