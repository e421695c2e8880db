/* Steps for the alias and the alternative names of a slave. */
#ifndef DATAPATH_PLAN_NAME_H
#define DATAPATH_PLAN_NAME_H 1

#include "datapath/plan/plan_context.h"

/* Of a slave that is kept. */
void plan_draft_name_removals(struct plan_context *ctx, struct slave_plan *s);
/* Once it is drafted how the device gets its own name. */
void plan_draft_names(struct plan_context *ctx, struct slave_plan *s);

#endif
