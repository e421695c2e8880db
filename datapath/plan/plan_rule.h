/* Steps for rules of policy routing, which belong to the namespace of a slave. */
#ifndef DATAPATH_PLAN_RULE_H
#define DATAPATH_PLAN_RULE_H 1

#include "datapath/plan/plan_context.h"

/* Removals, of all namespaces. */
void plan_draft_rule_removals(struct plan_context *ctx);
/* Additions of a slave that will exist. */
void plan_draft_rule_creations(struct plan_context *ctx, struct slave_plan *s);

#endif
