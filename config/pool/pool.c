/* Texts of pools, and what a pool has. */
#include "config/pool/pool.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char *pool_field_name(enum pool_field field)
{
	static const char *const names[POOL_N_FIELDS] = {
		[POOL_OBJECT] = NULL,         [POOL_NAME] = "name",
		[POOL_SUBNETS] = "subnets",   [POOL_RANGES] = "ranges",
		[POOL_EXCLUDED] = "excluded", [POOL_GATEWAY] = "gateway",
	};

	return names[field];
}

struct err *pool_check_name(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";

	if (!*name)
		return err_new(ERR_INVALID, "the name of a pool is empty");
	if (strlen(name) > POOL_NAME_MAX_BYTES)
		return err_hint(err_new(ERR_INVALID,
					"the name of a pool has more than %u bytes",
					POOL_NAME_MAX_BYTES),
				"shorten it");
	if (name[strspn(name, good)])
		return err_hint(
			err_new(ERR_INVALID, "\"%s\" cannot be a pool's name", name),
			"use letters, digits, `.`, `_` and `-`");
	return NULL;
}

struct err *pool_parse_subnet(const char *text, struct ip_prefix *ret_subnet)
{
	struct ip_prefix p, network;
	struct err *e = ip_prefix_parse(text, &p);
	char buf[IP_TEXT_BYTES];

	if (e)
		return e;
	network = ip_prefix_network(&p);
	if (ip_prefix_cmp(&p, &network) != 0)
		return err_hint(err_new(ERR_INVALID,
					"%s is an address in a subnet, not the subnet",
					text),
				"write %s", ip_prefix_format(&network, buf));
	if (ip_prefix_is_default(&p) || ip_addr_is_multicast(&p.addr) ||
	    ip_addr_is_unspecified(&p.addr))
		return err_hint(
			err_new(ERR_INVALID, "no slave can have an address of %s", text),
			"write the subnet of the LAN, as in 10.0.0.0/24");
	*ret_subnet = p;
	return NULL;
}

static struct ip_addr last_of(const struct ip_prefix *p)
{
	struct ip_addr last = p->addr;

	for (unsigned int bit = p->len; bit < ip_addr_bits(&last); bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static struct err *parse_pair(const char *text, const char *dash,
			      struct pool_range *ret_range)
{
	char first[IP_TEXT_BYTES];
	size_t n = (size_t)(dash - text);
	struct pool_range r;
	struct err *e;

	if (n >= sizeof(first))
		return err_hint(
			err_new(ERR_INVALID, "\"%s\" is not a range of addresses", text),
			"write it as in 10.0.0.10-10.0.0.20");
	memcpy(first, text, n);
	first[n] = '\0';
	e = ip_addr_parse(first, &r.first);
	if (!e)
		e = ip_addr_parse(dash + 1, &r.last);
	if (e)
		return e;
	if (r.first.family != r.last.family)
		return err_hint(err_new(ERR_INVALID,
					"range %s begins in one family and ends in "
					"the other",
					text),
				"write two IPv4 addresses, or two IPv6 addresses");
	if (ip_addr_cmp(&r.first, &r.last) > 0)
		return err_hint(
			err_new(ERR_INVALID, "range %s ends before it begins", text),
			"write %s-%s", dash + 1, first);
	*ret_range = r;
	return NULL;
}

struct err *pool_parse_range(const char *text, struct pool_range *ret_range)
{
	const char *dash = strchr(text, '-');
	struct ip_prefix p;
	struct err *e;

	if (dash)
		return parse_pair(text, dash, ret_range);
	if (strchr(text, '/')) {
		e = ip_prefix_parse(text, &p);
		if (e)
			return e;
		p = ip_prefix_network(&p);
		*ret_range = (struct pool_range){p.addr, last_of(&p)};
		return NULL;
	}
	e = ip_addr_parse(text, &ret_range->first);
	if (!e)
		ret_range->last = ret_range->first;
	return e;
}

const char *pool_range_text(struct arena *a, const struct pool_range *r)
{
	char first[IP_TEXT_BYTES], last[IP_TEXT_BYTES];

	ip_addr_format(&r->first, first);
	if (!ip_addr_cmp(&r->first, &r->last))
		return arena_strdup(a, first);
	return arena_printf(a, "%s-%s", first, ip_addr_format(&r->last, last));
}

static int prefix_cmp(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static int addr_cmp(const void *a, const void *b)
{
	return ip_addr_cmp(a, b);
}

static int range_cmp(const void *a, const void *b)
{
	const struct pool_range *x = a, *y = b;
	int c = ip_addr_cmp(&x->first, &y->first);

	return c ? c : ip_addr_cmp(&x->last, &y->last);
}

static void sort(void *array, size_t n, size_t size,
		 int (*cmp)(const void *, const void *))
{
	if (n > 1)
		qsort(array, n, size, cmp);
}

void pool_sort(struct pool *p)
{
	sort(p->subnets, p->n_subnets, sizeof(*p->subnets), prefix_cmp);
	sort(p->ranges, p->n_ranges, sizeof(*p->ranges), range_cmp);
	sort(p->excluded, p->n_excluded, sizeof(*p->excluded), range_cmp);
	sort(p->gateways, p->n_gateways, sizeof(*p->gateways), addr_cmp);
}

const struct ip_prefix *pool_subnet_of(const struct pool *p, const struct ip_addr *addr)
{
	for (size_t i = 0; i < p->n_subnets; i++) {
		if (ip_prefix_contains(&p->subnets[i], addr))
			return &p->subnets[i];
	}
	return NULL;
}

const struct ip_addr *pool_gateway_in(const struct pool *p,
				      const struct ip_prefix *subnet)
{
	for (size_t i = 0; i < p->n_gateways; i++) {
		if (ip_prefix_contains(subnet, &p->gateways[i]))
			return &p->gateways[i];
	}
	return NULL;
}

bool pool_equals(const struct pool *p, const struct pool *q)
{
	bool same = p->n_subnets == q->n_subnets && p->n_ranges == q->n_ranges &&
		    p->n_excluded == q->n_excluded && p->n_gateways == q->n_gateways;

	for (size_t i = 0; same && i < p->n_subnets; i++)
		same = !ip_prefix_cmp(&p->subnets[i], &q->subnets[i]);
	for (size_t i = 0; same && i < p->n_ranges; i++)
		same = !range_cmp(&p->ranges[i], &q->ranges[i]);
	for (size_t i = 0; same && i < p->n_excluded; i++)
		same = !range_cmp(&p->excluded[i], &q->excluded[i]);
	for (size_t i = 0; same && i < p->n_gateways; i++)
		same = !ip_addr_cmp(&p->gateways[i], &q->gateways[i]);
	return same;
}

const char *pool_subnets_text(struct arena *a, const struct pool *p, uint8_t family)
{
	const char *all = "";
	char buf[IP_TEXT_BYTES];

	for (size_t i = 0; i < p->n_subnets; i++) {
		if (family && p->subnets[i].addr.family != family)
			continue;
		all = arena_printf(a, "%s%s%s", all, *all ? ", " : "",
				   ip_prefix_format(&p->subnets[i], buf));
	}
	return all;
}
