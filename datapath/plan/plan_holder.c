/* Which device has an address: a slave, its master, a foreign ipvlan, or one that this plan
 * changes; and what is in the way.
 *
 * An address of the master is not added to its slave. The kernel would accept it there as
 * well (kernel.md 9); then two devices answer for one address, and which of them gets its
 * packets is undefined. One of a foreign ipvlan is not added either: the kernel refuses it.
 * The rest of the slave is made. */
#include "datapath/plan/plan_holder.h"

#include "datapath/link_type.h"
#include "datapath/plan/plan_place.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_member(const struct plan_context *ctx, const struct model_master *have,
		      const struct slave_plan *s)
{
	for (size_t i = 0; i < have->seen.n_members; i++) {
		const struct model_member *at = &have->seen.members[i];
		const char *netns = *at->netns ? at->netns : have->netns;

		if (!strcmp(at->name, s->have->name) &&
		    !strcmp(plan_place_netns(ctx, netns), s->place))
			return true;
	}
	return false;
}

bool plan_slave_is_in_the_way(const struct plan_context *ctx, const struct slave_plan *s)
{
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		if (plan_address_is_claimed(ctx, &s->have->addresses[i].addr))
			return true;
	}
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		const struct master_plan *m = &ctx->masters[i];

		if (m->makes_links && m->have &&
		    !link_type_is_sibling(link_type_of(m->want), s->have->seen.kind) &&
		    is_member(ctx, m->have, s))
			return true;
	}
	return false;
}

const struct ip_prefix *plan_find_address(const struct model_slave *s,
					  const struct ip_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_prefix_cmp(&s->addresses[i], p))
			return &s->addresses[i];
	}
	return NULL;
}

bool plan_address_is_spoilt(const struct slave_plan *s, const struct ip_prefix *p)
{
	return model_address_is_spoilt(p, model_address_notes(s->want, s->have, p));
}

bool plan_slave_has_address(const struct slave_plan *s, const struct ip_prefix *address)
{
	return plan_slave_is_kept(s) && plan_find_address(s->have, address) &&
	       !plan_address_is_spoilt(s, address);
}

bool plan_master_has_address(const struct slave_plan *s, const struct ip_addr *addr)
{
	const struct master_plan *m = s->master;

	/* The addresses of the device go with it. */
	if (!m->have || m->removes_device)
		return false;
	for (size_t i = 0; i < m->have->seen.n_addresses; i++) {
		if (!ip_addr_cmp(&m->have->seen.addresses[i].addr, addr))
			return true;
	}
	return false;
}

bool plan_master_subnet_has(const struct slave_plan *s, const struct ip_addr *addr)
{
	const struct model_master *m = s->master->have;

	for (size_t i = 0; m && i < m->seen.n_addresses; i++) {
		if (ip_prefix_contains(&m->seen.addresses[i], addr))
			return true;
	}
	return false;
}

const struct model_held *plan_find_stranger_with(const struct slave_plan *s,
						 const struct ip_addr *addr)
{
	const struct model_master *m = s->master->have;

	for (size_t i = 0; m && i < m->seen.n_held; i++) {
		if (!ip_addr_cmp(&m->seen.held[i].address.addr, addr))
			return &m->seen.held[i];
	}
	return NULL;
}

bool plan_address_is_held(const struct slave_plan *s, const struct ip_prefix *address)
{
	return !plan_slave_has_address(s, address) &&
	       (plan_master_has_address(s, &address->addr) ||
		plan_find_stranger_with(s, &address->addr));
}

/* True if an address of the slave, or a route of it without a gateway, leads to 'via'. */
static bool is_reachable(const struct slave_plan *s, const struct ip_addr *via)
{
	for (size_t i = 0; i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (ip_prefix_contains(p, via) && !plan_address_is_held(s, p))
			return true;
	}
	for (size_t i = 0; i < s->want->n_routes; i++) {
		const struct model_route *r = &s->want->routes[i];

		if (!r->via.family && !model_route_is_reject(r) &&
		    !ip_prefix_is_default(&r->to) && ip_prefix_contains(&r->to, via))
			return true;
	}
	return false;
}

/* A gateway of the route is in the subnet of a held address, and no other way leads to
 * it. */
static bool is_cut_off(const struct slave_plan *s, const struct model_route *r,
		       const struct ip_prefix *held)
{
	for (size_t i = 0; !r->on_link && i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);

		if (ip_prefix_contains(held, &hop.via) && !is_reachable(s, &hop.via))
			return true;
	}
	return false;
}

bool plan_route_is_held(const struct slave_plan *s, const struct model_route *r)
{
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (!plan_address_is_held(s, p))
			continue;
		if (!ip_addr_cmp(&p->addr, &r->from) || is_cut_off(s, r, p))
			return true;
	}
	return false;
}

void plan_free_address(struct plan_context *ctx, const struct ip_addr *addr,
		       struct plan_draft *by)
{
	assert(by && !ctx->are_freed_sorted);
	ctx->freed = arena_grow(ctx->arena, ctx->freed, ctx->n_freed, &ctx->freed_cap,
				sizeof(*ctx->freed));
	ctx->freed[ctx->n_freed++] = (struct plan_freed){.addr = *addr, .by = by};
}

static int freed_cmp(const void *x, const void *y)
{
	const struct plan_freed *a = x, *b = y;

	return ip_addr_cmp(&a->addr, &b->addr);
}

void plan_sort_freed(struct plan_context *ctx)
{
	assert(!ctx->are_freed_sorted);
	ctx->are_freed_sorted = true;
	if (ctx->n_freed > 1)
		qsort(ctx->freed, ctx->n_freed, sizeof(*ctx->freed), freed_cmp);
}

/* Two masters may both free the address. Either step will do: the order of ops already
 * ensures the rest. */
struct plan_draft *plan_find_freed(const struct plan_context *ctx,
				   const struct ip_addr *addr)
{
	struct plan_freed key = {.addr = *addr}, *found = NULL;

	assert(ctx->are_freed_sorted);
	if (ctx->n_freed)
		found = bsearch(&key, ctx->freed, ctx->n_freed, sizeof(key), freed_cmp);
	return found ? found->by : NULL;
}

static void claim(struct plan_context *ctx, const struct ip_addr *addr)
{
	assert(!ctx->are_claims_sorted);
	ctx->claims = arena_grow(ctx->arena, ctx->claims, ctx->n_claims, &ctx->claims_cap,
				 sizeof(*ctx->claims));
	ctx->claims[ctx->n_claims++] = *addr;
}

void plan_claim_addresses(struct plan_context *ctx, const struct slave_plan *s)
{
	if (!s->want || !plan_slave_will_exist(s) || !s->want->addresses_managed)
		return;
	for (size_t i = 0; i < s->want->n_addresses; i++) {
		if (!plan_slave_has_address(s, &s->want->addresses[i]) &&
		    !plan_address_is_held(s, &s->want->addresses[i]))
			claim(ctx, &s->want->addresses[i].addr);
	}
}

static int claim_cmp(const void *a, const void *b)
{
	return ip_addr_cmp(a, b);
}

void plan_sort_claims(struct plan_context *ctx)
{
	assert(!ctx->are_claims_sorted);
	ctx->are_claims_sorted = true;
	if (ctx->n_claims > 1)
		qsort(ctx->claims, ctx->n_claims, sizeof(*ctx->claims), claim_cmp);
}

bool plan_address_is_claimed(const struct plan_context *ctx, const struct ip_addr *addr)
{
	assert(ctx->are_claims_sorted);
	return ctx->n_claims && bsearch(addr, ctx->claims, ctx->n_claims,
					sizeof(*ctx->claims), claim_cmp) != NULL;
}

static const char *device_user(const struct plan_context *ctx,
			       const struct model_master *have, unsigned int depth)
{
	const char *user = *have->seen.stranger ? have->seen.stranger : have->seen.busy;

	if (!*user)
		user = have->seen.kept_by;
	for (size_t i = 0; depth < PLAN_MAX_VLAN_DEPTH && i < ctx->have->n_masters; i++) {
		const struct model_master *upper = &ctx->have->masters[i];

		if (!*user && upper->seen.presence == MODEL_OURS &&
		    !strcmp(upper->vlan_link, have->name) &&
		    !strcmp(upper->netns, have->netns))
			user = device_user(ctx, upper, depth + 1);
	}
	return user;
}

const char *plan_device_user(const struct plan_context *ctx,
			     const struct model_master *have)
{
	return device_user(ctx, have, 0);
}
