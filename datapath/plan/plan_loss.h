/* Which steps are disruptive: what traffic that flowed before may lose, in a few words for
 * `ipvl-ctl diff`. NULL: nothing, the step is hitless. tests/kernel/test_hitless.py
 * measures it. */
#ifndef DATAPATH_PLAN_LOSS_H
#define DATAPATH_PLAN_LOSS_H 1

#include "datapath/plan/plan_context.h"

/* The deletion of an address of a slave that is kept. */
const char *plan_loss_address(struct plan_context *ctx, const struct slave_plan *s,
			      const struct ip_prefix *p);
/* The deletion of a route; 'want' replaces it, if not NULL. */
const char *plan_loss_route(struct plan_context *ctx, const struct model_route *have,
			    const struct model_route *want);
/* The deletion of a rule; 'is_readded': it, or one in its place, is added later. */
const char *plan_loss_rule(const struct slave_plan *s, bool is_readded);
/* The deletion of a device, which may be made again. */
const char *plan_loss_slave(struct plan_context *ctx, const struct slave_plan *s);
const char *plan_loss_device(const struct master_plan *m);
/* The port's mode and flag. */
const char *plan_loss_port(struct plan_context *ctx, const struct master_plan *m);
/* Those of a slave that has its own. */
const char *plan_loss_mode(const struct slave_plan *s);
/* The MTU of a slave, from 'have' to 'want'. */
const char *plan_loss_mtu(const struct slave_plan *s, uint32_t have, uint32_t want);
/* That of a master, which its slaves follow. */
const char *plan_loss_master_mtu(const struct master_plan *m, uint32_t want);
/* 'have': the value found; NULL if it was not observed. */
const char *plan_loss_sysctl(const struct slave_plan *s, const struct model_sysctl *want,
			     const char *have);
/* The same of a master's own device. */
const char *plan_loss_own_sysctl(const struct model_master *device,
				 const struct model_sysctl *want, const char *have);
/* What happened to the device that the plan makes again. */
const char *plan_loss_cause(struct plan_context *ctx, const struct slave_plan *s);

#endif
