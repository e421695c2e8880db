/* Who has an address: slaves, masters, and the steps that add or remove one. */
#ifndef DATAPATH_PLAN_HOLDER_H
#define DATAPATH_PLAN_HOLDER_H 1

#include "datapath/plan/plan_context.h"

/* The slave's address that equals 'p'; NULL if none does. */
const struct ip_prefix *plan_find_address(const struct model_slave *s,
					  const struct ip_prefix *p);
/* True if the observed address cannot be corrected by adding it once more
 * (model_address_is_spoilt()). */
bool plan_address_is_spoilt(const struct slave_plan *s, const struct ip_prefix *p);
/* True if the device is kept and has exactly this address, and keeps it. */
bool plan_slave_has_address(const struct slave_plan *s, const struct ip_prefix *address);
/* True if the master of 's' has 'addr' itself. */
bool plan_master_has_address(const struct slave_plan *s, const struct ip_addr *addr);
/* True if it is in the subnet of an address that the master has itself. */
bool plan_master_subnet_has(const struct slave_plan *s, const struct ip_addr *addr);
/* The foreign ipvlan on the master of 's' that has 'addr'; NULL if none does. */
const struct model_held *plan_find_stranger_with(const struct slave_plan *s,
						 const struct ip_addr *addr);
/* True if the slave does not have the address, and its master or a foreign ipvlan does: it
 * is not added. */
bool plan_address_is_held(const struct slave_plan *s, const struct ip_prefix *address);
/* True if the kernel would refuse the route for lack of an address that is held. */
bool plan_route_is_held(const struct slave_plan *s, const struct model_route *r);

/* Addresses that the plan adds to slaves, a call for each. Sort once all are claimed, then
 * ask. */
void plan_claim_addresses(struct plan_context *ctx, const struct slave_plan *s);
void plan_sort_claims(struct plan_context *ctx);
bool plan_address_is_claimed(const struct plan_context *ctx, const struct ip_addr *addr);

/* True if the slave's device has an address that the plan adds to another slave, or is on a
 * device where the plan makes one that the kernel allows no such device beside. */
bool plan_slave_is_in_the_way(const struct plan_context *ctx, const struct slave_plan *s);

/* Addresses that the step 'by' makes free on their port. Sort once all removals are
 * drafted, then ask. */
void plan_free_address(struct plan_context *ctx, const struct ip_addr *addr,
		       struct plan_draft *by);
void plan_sort_freed(struct plan_context *ctx);
/* The step that makes 'addr' free; NULL if none does. */
struct plan_draft *plan_find_freed(const struct plan_context *ctx,
				   const struct ip_addr *addr);

/* What another program has on a device of ours, or on a VLAN of ours above it: "lab7/x0",
 * "bridge br0", "port eth1"; "" if nothing that is known. */
const char *plan_device_user(const struct plan_context *ctx,
			     const struct model_master *have);

#endif
