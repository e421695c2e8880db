/* Places: which row has which device, where several rows name the same one. */
#ifndef DATAPATH_PLAN_PLACE_H
#define DATAPATH_PLAN_PLACE_H 1

#include "datapath/plan/plan_context.h"

/* Sorts the observed namespaces, so that texts of the same one are found. First of
 * all. */
void plan_collect_aliases(struct plan_context *ctx);
/* The place of each wanted slave and master. */
void plan_collect_places(struct plan_context *ctx);
/* One text for each namespace: the same for all texts that stand for it; "" for the
 * daemon's own. */
const char *plan_place_netns(const struct plan_context *ctx, const char *netns);
/* The slave that has the place; NULL if no row names it. */
struct slave_plan *plan_find_place(const struct plan_context *ctx, const char *netns,
				   const char *name);
struct master_plan *plan_find_master_place(const struct plan_context *ctx,
					   const char *netns, const char *name);

/* True if another program is to make the namespace, and has not yet. 'want' may be NULL. */
bool plan_is_awaited_netns(const struct plan_context *ctx,
			   const struct model_netns *want);

#endif
