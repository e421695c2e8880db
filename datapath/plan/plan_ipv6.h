/* An MTU too small for the IPv6 that a row declares. */
#ifndef DATAPATH_PLAN_IPV6_H
#define DATAPATH_PLAN_IPV6_H 1

#include "datapath/plan/plan_context.h"

bool plan_mtu_forbids_ipv6(const struct slave_plan *s);
bool plan_mtu_forbids_sysctl(const struct slave_plan *s,
			     const struct model_sysctl *sysctl);
/* Sets the verdict: WAITING for another MTU of the master, ERROR if the slave's own row
 * has the MTU. */
void plan_check_mtu(struct plan_context *ctx, struct slave_plan *s);

#endif
