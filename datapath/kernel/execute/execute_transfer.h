/* Steps by which devices, routes and rules change hands, in place. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_TRANSFER_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_TRANSFER_H 1

#include "datapath/kernel/execute/batch.h"

batch_fn execute_link_transfer, execute_route_transfer, execute_rule_transfer;

#endif
