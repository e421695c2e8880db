/* Steps for routes: of a slave, or of a master where 's' is NULL. */
#ifndef DATAPATH_PLAN_ROUTE_H
#define DATAPATH_PLAN_ROUTE_H 1

#include "datapath/plan/plan_context.h"

struct plan_routes {
	const struct model_route *want, *have;
	size_t n_want, n_have;
};
/* Leaves out the foreign routes that go with a device which the plan deletes. 'netns': where
 * they are. */
void plan_routes_forget_going(const struct plan_context *ctx, const char *netns,
			      struct plan_routes *r);
/* True if some wanted route has to be added. */
bool plan_routes_miss_any(const struct plan_routes *r);
void plan_draft_route_removals(struct plan_context *ctx, struct master_plan *m,
			       struct slave_plan *s, const struct plan_routes *r);
/* 'lost': a removal of this plan takes the IPv4 routes that are present; they are added
 * again. */
void plan_draft_route_creations(struct plan_context *ctx, struct master_plan *m,
				struct slave_plan *s, const struct plan_routes *r,
				bool lost);

#endif
