/* The fate of each object, before any step is drafted. */
#ifndef DATAPATH_PLAN_DECIDE_H
#define DATAPATH_PLAN_DECIDE_H 1

#include "datapath/plan/plan_context.h"

void plan_decide_masters(struct plan_context *ctx);
/* After the masters. */
void plan_decide_slaves(struct plan_context *ctx);

#endif
