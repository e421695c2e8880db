/* Executes the steps of a plan on the kernel. */
#ifndef DATAPATH_KERNEL_EXECUTE_EXECUTE_H
#define DATAPATH_KERNEL_EXECUTE_EXECUTE_H 1

#include "datapath/datapath.h"

/* As datapath_apply_fn. */
void execute_steps(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		   struct plan_result *results);

#endif
