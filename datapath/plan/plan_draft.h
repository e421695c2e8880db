/* Drafts: steps whose index in the plan is not known yet. */
#ifndef DATAPATH_PLAN_DRAFT_H
#define DATAPATH_PLAN_DRAFT_H 1

#include "datapath/plan/plan_context.h"

/* A new draft. 'm' and 's' are the objects that it belongs to; either may be NULL. 'why'
 * outlives the plan. */
struct plan_draft *plan_draft_new(struct plan_context *ctx, enum plan_op op,
				  struct master_plan *m, struct slave_plan *s,
				  const char *why);
/* The same for a step that stands on one of a later op: it is executed among the steps of op
 * 'phase'. */
struct plan_draft *plan_draft_later(struct plan_context *ctx, enum plan_op phase,
				    enum plan_op op, struct master_plan *m,
				    struct slave_plan *s, const char *why);
/* 'd' depends on the first of these that is not NULL. All given must have the phase of 'd'
 * or an earlier one. */
void plan_draft_after(struct plan_draft *d, struct plan_draft *first,
		      struct plan_draft *second, struct plan_draft *third,
		      struct plan_draft *fourth);
/* The step of this plan after which the device of 's' is as it stays; NULL if it is so. */
static inline struct plan_draft *plan_draft_device(const struct slave_plan *s)
{
	return s->up ? s->up : s->vrf ? s->vrf : s->link;
}

/* Fills the steps of 'p' with all drafts, in the order of execution. */
void plan_draft_order(struct plan_context *ctx, struct plan *p);

#endif
