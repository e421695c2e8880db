/* Steps for the addresses of a slave. */
#ifndef DATAPATH_PLAN_ADDR_H
#define DATAPATH_PLAN_ADDR_H 1

#include "datapath/plan/plan_context.h"

void plan_draft_address_removals(struct plan_context *ctx, struct slave_plan *s);
void plan_draft_address_creations(struct plan_context *ctx, struct slave_plan *s);
/* True if removals may include the last IPv4 address; the kernel then removes every IPv4
 * route of the device. */
bool plan_addresses_take_routes(const struct slave_plan *s);
/* Sets the verdict: ERROR for a declared address that another host has, CONFLICT for a
 * foreign route in place of the route to its subnet. */
void plan_find_bad_addresses(struct plan_context *ctx, struct slave_plan *s);

#endif
