/* The rules of pools. Which addresses are free is not known here (lease.c). */
#include "config/pool/pool_check.h"

#include "config/pool/pool_space.h"
#include "lib/alloc.h"

/* Sorted networks overlap only if one contains its successor. */
static struct err *check_subnets(const struct pool *p, size_t *ret_index)
{
	char one[IP_TEXT_BYTES], other[IP_TEXT_BYTES];

	*ret_index = 0;
	if (!p->n_subnets)
		return err_hint(err_new(ERR_INVALID, "pool %s has no subnet", p->name),
				"give it one, as in 10.0.0.0/24");
	for (size_t i = 1; i < p->n_subnets; i++) {
		if (!ip_prefix_contains(&p->subnets[i - 1], &p->subnets[i].addr))
			continue;
		*ret_index = i;
		return err_hint(err_new(ERR_INVALID, "subnets %s and %s overlap",
					ip_prefix_format(&p->subnets[i - 1], one),
					ip_prefix_format(&p->subnets[i], other)),
				"leave one of them out");
	}
	return NULL;
}

static struct err *outside(const struct pool *p, const char *what, const char *text)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	return err_hint(err_new(ERR_INVALID,
				"%s %s is outside every subnet of pool %s (%s)", what,
				text, p->name, pool_subnets_text(a, p, 0)),
			"correct it, or add its subnet to `subnets`");
}

static struct err *check_ranges(const struct pool *p, const struct pool_range *ranges,
				size_t n, size_t *ret_index)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++) {
		const struct ip_prefix *in = pool_subnet_of(p, &ranges[i].first);

		*ret_index = i;
		if (!in || !ip_prefix_contains(in, &ranges[i].last))
			return outside(p, "range", pool_range_text(a, &ranges[i]));
	}
	return NULL;
}

static struct err *check_gateways(const struct pool *p, size_t *ret_index)
{
	char buf[IP_TEXT_BYTES], other[IP_TEXT_BYTES];

	for (size_t i = 0; i < p->n_gateways; i++) {
		const struct ip_addr *gateway = &p->gateways[i];
		const struct ip_prefix *in = pool_subnet_of(p, gateway);

		*ret_index = i;
		ip_addr_format(gateway, buf);
		if (!in)
			return outside(p, "gateway", buf);
		if (!pool_space_is_host(in, gateway))
			return err_hint(err_new(ERR_INVALID,
						"gateway %s cannot be the address of a "
						"host in %s",
						buf, ip_prefix_format(in, other)),
					"write the router's own address");
		if (pool_gateway_in(p, in) != gateway)
			return err_hint(
				err_new(ERR_INVALID,
					"gateways %s and %s are in one subnet",
					ip_addr_format(pool_gateway_in(p, in), other),
					buf),
				"leave one of them out");
	}
	return NULL;
}

struct err *pool_check(const struct pool *p, enum pool_field *ret_field,
		       size_t *ret_index)
{
	struct err *e = pool_check_name(p->name);

	*ret_field = POOL_NAME;
	*ret_index = 0;
	if (!e) {
		*ret_field = POOL_SUBNETS;
		e = check_subnets(p, ret_index);
	}
	if (!e) {
		*ret_field = POOL_RANGES;
		e = check_ranges(p, p->ranges, p->n_ranges, ret_index);
	}
	if (!e) {
		*ret_field = POOL_EXCLUDED;
		e = check_ranges(p, p->excluded, p->n_excluded, ret_index);
	}
	if (!e) {
		*ret_field = POOL_GATEWAY;
		e = check_gateways(p, ret_index);
	}
	return e;
}
