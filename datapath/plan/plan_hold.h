/* Drift that is left as it is (`drift: report` and `drift: ignore`). */
#ifndef DATAPATH_PLAN_HOLD_H
#define DATAPATH_PLAN_HOLD_H 1

#include "datapath/plan/plan_context.h"

/* True if the master was once as declared, on the devices that are below it now: what
 * differs is drift, and its row does not have it repaired. */
bool plan_must_hold_master(const struct plan_context *ctx, const struct master_plan *m);
/* Once the fate of the slave is decided, and that of its master: a slave whose device is
 * gone or elsewhere is not made again. */
void plan_hold_slave(struct plan_context *ctx, struct slave_plan *s);
/* True if the leftover may be the device of a held slave: it stays. */
bool plan_hold_leftover(struct plan_context *ctx, struct slave_plan *leftover);
/* A step that is not run, of an object without drafts of its own. */
struct plan_draft *plan_hold_step(struct plan_context *ctx, enum plan_op op,
				  struct master_plan *m, struct slave_plan *s,
				  const char *why);
/* Once all steps are drafted: takes out those of held objects. */
void plan_hold_drafts(struct plan_context *ctx);
/* The master as LINK_ADD may write it: a held one keeps the mode and flag found. */
const struct model_master *plan_hold_port(struct plan_context *ctx,
					  const struct master_plan *m);

#endif
