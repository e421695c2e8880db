/* The addresses that may be chosen from a pool, in order. */
#ifndef CONFIG_POOL_SPACE_H
#define CONFIG_POOL_SPACE_H 1

#include "config/pool/pool.h"

#include <stdint.h>

/* From its first address to its last, as numbers; IPv4 has the low 32 bits. */
struct pool_span {
	unsigned __int128 first, last;
};

/* Those of one family: of the ranges, or of the subnets; without what is excluded, without the
 * gateways, and without what is no host's address. Sorted; none overlaps another. */
struct pool_space {
	uint8_t family;
	struct pool_span *spans;
	size_t n;
};

void pool_space_init(const struct pool *p, uint8_t family, struct arena *a,
		     struct pool_space *ret_space);
/* How many addresses; UINT64_MAX also stands for more. */
uint64_t pool_space_count(const struct pool_space *s);
/* Address number 'at', from 0; below pool_space_count(). */
struct ip_addr pool_space_at(const struct pool_space *s, uint64_t at);

/* Not the address of the subnet itself, nor its broadcast address (RFC 3021 2.2, RFC 4291
 * 2.6.1, RFC 6164 6). */
bool pool_space_is_host(const struct ip_prefix *subnet, const struct ip_addr *addr);

#endif
