/* Steps that make and change devices. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_LINK_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_LINK_H 1

#include "datapath/kernel/execute/batch.h"

batch_fn execute_link_add, execute_master_add, execute_port_set;
/* MASTER_SET, LINK_SET and LINK_RENAME. */
batch_fn execute_link_change;
/* ALTNAME_DEL, ALTNAME_ADD. */
batch_fn execute_altname;
batch_fn execute_alias;
batch_fn execute_vrf;

#endif
