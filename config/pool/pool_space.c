/* Spans of addresses: what is chosen from, less what is not. */
#include "config/pool/pool_space.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static unsigned __int128 number_of(const struct ip_addr *addr)
{
	unsigned __int128 number = 0;

	for (unsigned int i = 0; i < ip_addr_bytes(addr); i++)
		number = number << 8 | addr->bytes[i];
	return number;
}

static struct ip_addr address_of(uint8_t family, unsigned __int128 number)
{
	struct ip_addr addr = {.family = family};

	for (unsigned int i = ip_addr_bytes(&addr); i > 0; i--) {
		addr.bytes[i - 1] = (uint8_t)number;
		number >>= 8;
	}
	return addr;
}

/* In the smallest IPv4 subnets, and in those of a link of two, every address is a host's. In IPv6
 * the first one is any router's, and there is no broadcast. */
static struct pool_span hosts_of(const struct ip_prefix *subnet)
{
	unsigned int n_bits = ip_addr_bits(&subnet->addr) - subnet->len;
	unsigned __int128 size = n_bits < 128 ? (unsigned __int128)1 << n_bits : 0;
	unsigned __int128 first = number_of(&subnet->addr);
	struct pool_span all = {first, first + (size - 1)};

	if (n_bits < 2)
		return all;
	all.first++;
	if (subnet->addr.family == AF_INET)
		all.last--;
	return all;
}

bool pool_space_is_host(const struct ip_prefix *subnet, const struct ip_addr *addr)
{
	struct pool_span all = hosts_of(subnet);
	unsigned __int128 number = number_of(addr);

	return number >= all.first && number <= all.last;
}

static void add(struct pool_space *s, unsigned __int128 first, unsigned __int128 last)
{
	if (first <= last)
		s->spans[s->n++] = (struct pool_span){first, last};
}

static int span_cmp(const void *a, const void *b)
{
	const struct pool_span *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* What the ranges have of the hosts of their subnets. They may overlap. */
static void add_ranges(const struct pool *p, struct pool_space *s)
{
	for (size_t i = 0; i < p->n_ranges; i++) {
		const struct pool_range *r = &p->ranges[i];
		const struct ip_prefix *in = pool_subnet_of(p, &r->first);
		unsigned __int128 first = number_of(&r->first),
				  last = number_of(&r->last);
		struct pool_span hosts;

		if (r->first.family != s->family || !in)
			continue;
		hosts = hosts_of(in);
		if (s->n && first <= s->spans[s->n - 1].last)
			first = s->spans[s->n - 1].last + 1;
		add(s, first > hosts.first ? first : hosts.first,
		    last < hosts.last ? last : hosts.last);
	}
}

static bool has_ranges(const struct pool *p, uint8_t family)
{
	for (size_t i = 0; i < p->n_ranges; i++) {
		if (p->ranges[i].first.family == family)
			return true;
	}
	return false;
}

/* There is room for one more span than there were. */
static void subtract(struct pool_space *s, unsigned __int128 first,
		     unsigned __int128 last)
{
	size_t n = s->n;

	for (size_t i = 0; i < n; i++) {
		struct pool_span *span = &s->spans[i], old = *span;

		if (last < old.first || first > old.last)
			continue;
		/* An empty span is one that ends before it begins. */
		span->last = first > old.first ? first - 1 : 0;
		span->first = first > old.first ? old.first : 1;
		if (last < old.last)
			add(s, last + 1, old.last);
	}
}

static void drop_empty(struct pool_space *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->spans[i].first <= s->spans[i].last)
			s->spans[n++] = s->spans[i];
	}
	s->n = n;
	if (n > 1)
		qsort(s->spans, n, sizeof(*s->spans), span_cmp);
}

void pool_space_init(const struct pool *p, uint8_t family, struct arena *a,
		     struct pool_space *ret_space)
{
	size_t room = p->n_subnets + p->n_ranges + p->n_excluded + p->n_gateways;
	struct pool_space s = {.family = family,
			       .spans = arena_array(a, room, sizeof(struct pool_span))};

	if (has_ranges(p, family))
		add_ranges(p, &s);
	for (size_t i = 0; i < p->n_subnets && !has_ranges(p, family); i++) {
		struct pool_span hosts = hosts_of(&p->subnets[i]);

		if (p->subnets[i].addr.family == family)
			add(&s, hosts.first, hosts.last);
	}
	for (size_t i = 0; i < p->n_excluded; i++) {
		if (p->excluded[i].first.family == family)
			subtract(&s, number_of(&p->excluded[i].first),
				 number_of(&p->excluded[i].last));
	}
	for (size_t i = 0; i < p->n_gateways; i++) {
		unsigned __int128 number = number_of(&p->gateways[i]);

		if (p->gateways[i].family == family)
			subtract(&s, number, number);
	}
	drop_empty(&s);
	*ret_space = s;
}

uint64_t pool_space_count(const struct pool_space *s)
{
	unsigned __int128 n = 0;

	for (size_t i = 0; i < s->n; i++) {
		n += s->spans[i].last - s->spans[i].first + 1;
		if (n > UINT64_MAX)
			return UINT64_MAX;
	}
	return (uint64_t)n;
}

struct ip_addr pool_space_at(const struct pool_space *s, uint64_t at)
{
	unsigned __int128 left = at;
	size_t i = 0;

	for (; i + 1 < s->n; i++) {
		unsigned __int128 n = s->spans[i].last - s->spans[i].first + 1;

		if (left < n)
			break;
		left -= n;
	}
	return address_of(s->family, s->spans[i].first + left);
}
