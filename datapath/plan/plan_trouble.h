/* Namespaces that cannot be used. */
#ifndef DATAPATH_PLAN_TROUBLE_H
#define DATAPATH_PLAN_TROUBLE_H 1

#include "datapath/plan/plan_context.h"

/* A sentence: why nothing can be done in 'netns'; NULL if it can be used. 'master_netns':
 * the namespace of the master of a slave, else "". */
const char *plan_netns_trouble(struct plan_context *ctx, const char *netns,
			       const char *master_netns);
/* A sentence: 'netns' leads through a process and ends with it. NULL if it does not. */
const char *plan_process_warning(struct plan_context *ctx, const char *netns);

#endif
