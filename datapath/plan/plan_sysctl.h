/* Steps for settings of devices, and what is recorded of those of masters. */
#ifndef DATAPATH_PLAN_SYSCTL_H
#define DATAPATH_PLAN_SYSCTL_H 1

#include "datapath/plan/plan_context.h"

/* Those of a slave that need nothing but the device. Returns the last step, which a new
 * device waits for before it is set up; NULL if there is none. */
struct plan_draft *plan_draft_slave_sysctls(struct plan_context *ctx,
					    struct slave_plan *s);
/* Those that the kernel has once IPv6 is back. After the addresses are drafted. */
void plan_draft_returning_sysctls(struct plan_context *ctx, struct slave_plan *s);
/* Those of the master's own device that differ, and those that go back to what they were. */
void plan_draft_master_sysctls(struct plan_context *ctx, struct master_plan *m);
/* plan->saves and plan->releases. Once the steps are in order. */
void plan_sysctl_record(struct plan_context *ctx, struct plan *p);

#endif
