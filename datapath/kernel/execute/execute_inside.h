/* Steps inside the device's namespace: addresses, routes, rules, sysctls. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_INSIDE_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_INSIDE_H 1

#include "datapath/kernel/execute/batch.h"

batch_fn execute_address, execute_route, execute_rule, execute_sysctl;

#endif
