/* Steps for routes without a device, which belong to the namespace of a slave. */
#ifndef DATAPATH_PLAN_REJECT_H
#define DATAPATH_PLAN_REJECT_H 1

#include "datapath/plan/plan_context.h"

/* Removals, of all namespaces. */
void plan_draft_reject_removals(struct plan_context *ctx);
/* Those of the observed routes that a new device of the slave finds there. In 'ctx->arena'. */
struct model_route *plan_rejects_of(struct plan_context *ctx,
				    const struct model_slave *found, size_t *ret_n);

#endif
