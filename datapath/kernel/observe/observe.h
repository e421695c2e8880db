/* One observation of the kernel. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_H 1

#include "datapath/datapath.h"

/* As datapath_observe_fn. */
struct err *observe_scope(struct datapath *dp, const struct model *scope,
			  enum datapath_depth depth, struct arena *a,
			  struct model **ret_have) MUST_CHECK;

#endif
