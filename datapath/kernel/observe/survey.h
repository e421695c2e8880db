/* A survey of the kernel. */
#ifndef DATAPATH_KERNEL_OBSERVE_SURVEY_H
#define DATAPATH_KERNEL_OBSERVE_SURVEY_H 1

#include "datapath/datapath.h"

/* As datapath_survey_fn. */
struct err *survey_kernel(struct datapath *dp, const struct model *scope,
			  enum datapath_survey_use use, struct arena *a,
			  struct model **ret_have) MUST_CHECK;

#endif
