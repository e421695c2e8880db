/* Steps for a master: its device, its port, its own routes. */
#ifndef DATAPATH_PLAN_MASTER_H
#define DATAPATH_PLAN_MASTER_H 1

#include "datapath/plan/plan_context.h"

void plan_draft_master_removals(struct plan_context *ctx, struct master_plan *m);
void plan_draft_master_creations(struct plan_context *ctx, struct master_plan *m);
/* After the creations of all slaves. */
void plan_draft_master_routes(struct plan_context *ctx, struct master_plan *m);

#endif
