/* Masters with `match`: which of several rows has a device, and what to say. */
#ifndef DATAPATH_PLAN_MATCH_H
#define DATAPATH_PLAN_MATCH_H 1

#include "datapath/plan/plan_context.h"

/* Several devices fit, and none is chosen. */
bool plan_match_is_open(const struct master_plan *m);
/* The row that has the device of 'm'; NULL if that is 'm' itself. One of the two has a
 * `match`. */
const struct master_plan *plan_match_rival(const struct plan_context *ctx,
					   const struct master_plan *m);

/* Of an absent device. */
const char *plan_match_waiting(struct plan_context *ctx, const struct master_plan *m);
const char *plan_match_ambiguous(struct plan_context *ctx, const struct master_plan *m);
const char *plan_match_taken(struct plan_context *ctx, const struct master_plan *m,
			     const struct master_plan *rival);
/* The default route is by another device. */
const char *plan_match_elsewhere(struct plan_context *ctx, const struct master_plan *m);

#endif
