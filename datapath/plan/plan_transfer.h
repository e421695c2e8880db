/* Objects that change hands: what a row adopts, and what it gives up, in place; and what it hands
 * over. */
#ifndef DATAPATH_PLAN_TRANSFER_H
#define DATAPATH_PLAN_TRANSFER_H 1

#include "datapath/plan/plan_context.h"

/* The row of the slave asks for the foreign device in its place, which is one to take over. */
bool plan_transfer_may_adopt(struct plan_context *ctx, const struct slave_plan *s);
/* The sentence of the conflict, if it does not take it over. */
const char *plan_transfer_conflict(struct plan_context *ctx, const struct slave_plan *s);
/* The same of a master that ipvl can make, and a foreign device of its name. */
bool plan_transfer_may_adopt_master(struct plan_context *ctx,
				    const struct master_plan *m);
const char *plan_transfer_master_conflict(struct plan_context *ctx,
					  const struct master_plan *m);
/* A foreign device on the master becomes the slave that it stands in the place of. */
bool plan_transfer_of_slave(const struct master_plan *m);

/* Gives each slave that was handed over, and is not at its place, the device of ours on its master
 * that has its alias: another program has moved or renamed it. Called once fates are decided. */
void plan_transfer_find_handed_over(struct plan_context *ctx);

/* LINK_ADOPT, before all other steps on the device. */
void plan_draft_slave_adoption(struct plan_context *ctx, struct slave_plan *s);
void plan_draft_master_adoption(struct plan_context *ctx, struct master_plan *m);
/* The only one of the routes found that has the key of 'want', if that can be taken over for the
 * slave, or for the master if 's' is NULL. Else NULL. */
const struct model_route *plan_transfer_find_route(const struct master_plan *m,
						   const struct slave_plan *s,
						   const struct model_route *have,
						   size_t n_have,
						   const struct model_route *want);
/* The rule that 's' takes over: the same, of another program. Else NULL. */
const struct model_foreign_rule *plan_transfer_find_rule(const struct slave_plan *s,
							 const struct model_rule *want);

/* ROUTE_RELEASE for each of the routes that is ours and has a device. */
void plan_draft_route_releases(struct plan_context *ctx, struct master_plan *m,
			       struct slave_plan *s, const struct model_route *have,
			       size_t n_have);
/* A step that gives something of the slave up, or of the master if 's' is NULL: after those
 * before. */
struct plan_draft *plan_draft_release(struct plan_context *ctx, enum plan_op op,
				      struct master_plan *m, struct slave_plan *s);
/* LINK_RELEASE of all masters and slaves. After everything else. */
void plan_draft_link_releases(struct plan_context *ctx);

#endif
