/* Steps that make and remove namespaces, and write their resolv.conf. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_NETNS_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_NETNS_H 1

#include "datapath/kernel/execute/batch.h"

batch_fn execute_netns_add, execute_netns_del, execute_resolv;

#endif
