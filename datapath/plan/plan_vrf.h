/* VRFs, which ipvl does not make: slaves that are members of one. */
#ifndef DATAPATH_PLAN_VRF_H
#define DATAPATH_PLAN_VRF_H 1

#include "datapath/plan/plan_context.h"

/* True if the row declares a VRF that is not there. */
bool plan_vrf_is_missing(const struct slave_plan *s);
/* "the VRF red in ns1". */
const char *plan_vrf_label(struct plan_context *ctx, const struct slave_plan *s);
/* The wanted routes, in the table of the VRF: as many as the row has. */
const struct model_route *plan_vrf_routes(struct plan_context *ctx,
					  const struct slave_plan *s);
/* Of a slave that is kept, before its steps are drafted: what it loses when it moves to the VRF
 * counts as absent. */
void plan_vrf_forget_lost(struct plan_context *ctx, struct slave_plan *s);
void plan_draft_vrf(struct plan_context *ctx, struct slave_plan *s);

#endif
