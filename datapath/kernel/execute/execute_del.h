/* Steps that delete devices. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_DEL_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_DEL_H 1

#include "datapath/kernel/execute/batch.h"

batch_fn execute_link_del, execute_master_del;

#endif
