/* From the links found to the model. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_MODEL_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_MODEL_H 1

#include "datapath/kernel/observe/observe_link.h"

void observe_model_fill(struct observation *o, struct model *have);

#endif
