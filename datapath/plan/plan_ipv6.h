/* An MTU too small for the IPv6 that a row declares. */
#ifndef DATAPATH_PLAN_IPV6_H
#define DATAPATH_PLAN_IPV6_H 1

#include "datapath/plan/plan_context.h"

/* The MTU of a slave that is kept, before a step of its own: a change of the master's MTU
 * overwrites that of every slave (kernel.md 6). */
uint32_t plan_mtu_inherited(const struct slave_plan *s);
bool plan_mtu_forbids_ipv6(const struct slave_plan *s);
/* The kernel has it once a step of the plan has brought IPv6 back, or must not get it before
 * (kernel.md 22, 26): below an MTU of 1280 a device that is kept may have no IPv6. */
bool plan_sysctl_waits_for_ipv6(const struct slave_plan *s,
				const struct model_sysctl *want,
				const struct model_sysctl *have);
bool plan_mtu_forbids_sysctl(const struct slave_plan *s,
			     const struct model_sysctl *sysctl);
/* Sets the verdict: WAITING for another MTU of the master, ERROR if the slave's own row
 * has the MTU. */
/* The MTU of the row is above that of the master, which the kernel refuses for slaves of its
 * link type: it has that of the master (kernel.md 33). */
bool plan_mtu_refuses(const struct slave_plan *s);
void plan_check_mtu(struct plan_context *ctx, struct slave_plan *s);

#endif
