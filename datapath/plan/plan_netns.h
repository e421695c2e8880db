/* Namespaces with a name below /run/netns, and their resolv.conf. */
#ifndef DATAPATH_PLAN_NETNS_H
#define DATAPATH_PLAN_NETNS_H 1

#include "datapath/plan/plan_context.h"

bool plan_is_netns_name(const char *netns);
/* True if the slave has nameservers or search domains. */
bool plan_wants_resolv(const struct slave_plan *s);
/* Which namespaces of ours are no longer needed. After the fates of all slaves. */
void plan_decide_netns(struct plan_context *ctx);
/* NULL if 'netns' is no name, or neither model has it. */
struct netns_plan *plan_find_netns(const struct plan_context *ctx, const char *netns);
void plan_draft_netns_removals(struct plan_context *ctx);
void plan_draft_netns_creations(struct plan_context *ctx);
void plan_draft_resolv(struct plan_context *ctx);
/* What is left where no slave is. Last: these drafts have no slave. */
void plan_draft_netns_leftovers(struct plan_context *ctx);

#endif
