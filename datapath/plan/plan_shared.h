/* What a namespace has once for all of its slaves: routes without a device, rules. Several rows
 * may declare one and the same: it stays while any row declares it. Each slave of the namespace
 * is observed with all of them. */
#ifndef DATAPATH_PLAN_SHARED_H
#define DATAPATH_PLAN_SHARED_H 1

#include "datapath/plan/plan_context.h"

/* The slaves of one namespace: wanted ones, and leftovers. */
struct plan_sharers {
	struct slave_plan **slaves;
	size_t n;
};

typedef void plan_shared_fn(struct plan_context *ctx, const struct plan_sharers *all);
/* Calls 'fn' for each namespace that this plan does not delete: with one, all goes. */
void plan_shared_each(struct plan_context *ctx, plan_shared_fn *fn);
/* No row wants the slave, or not now. */
bool plan_is_going(const struct slave_plan *s);
/* Whose step a removal is: that of a slave that goes, and perhaps leaves the thing behind, before
 * that of others. A row that is held would hold the step too. NULL: nothing was observed. */
struct slave_plan *plan_shared_owner(const struct plan_sharers *all);
/* One that is given up: what no other row declares is given up with it. NULL: there is none. */
struct slave_plan *plan_shared_releaser(const struct plan_sharers *all);

#endif
