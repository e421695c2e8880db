/* Steps for a slave: its device and everything on it. */
#ifndef DATAPATH_PLAN_SLAVE_H
#define DATAPATH_PLAN_SLAVE_H 1

#include "datapath/plan/plan_context.h"

void plan_draft_slave_removals(struct plan_context *ctx, struct slave_plan *s);
/* After the creations of the masters. */
void plan_draft_slave_creations(struct plan_context *ctx, struct slave_plan *s);

#endif
