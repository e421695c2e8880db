/* A pool of addresses as a value. */
#ifndef CONFIG_POOL_H
#define CONFIG_POOL_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/ip.h"

#define POOL_NAME_MAX_BYTES 63U

struct pool_range {
	struct ip_addr first, last;
};

struct pool {
	const char *name;
	/* Networks, sorted by ip_prefix_cmp(); none overlaps another. */
	struct ip_prefix *subnets;
	size_t n_subnets;
	/* Addresses are chosen from these; of a family without any, from its subnets. Sorted
	 * by their first addresses, as 'excluded' is. */
	struct pool_range *ranges;
	size_t n_ranges;
	/* Never chosen; a slave that declares one gets it. */
	struct pool_range *excluded;
	size_t n_excluded;
	/* The routers, sorted; at most one in each subnet. */
	struct ip_addr *gateways;
	size_t n_gateways;
};

/* The parts of a pool, for places of complaints. */
enum pool_field {
	POOL_OBJECT,
	POOL_NAME,
	POOL_SUBNETS,
	POOL_RANGES,
	POOL_EXCLUDED,
	POOL_GATEWAY,
	POOL_N_FIELDS
};
/* The column of table Pool, and the key in YAML; NULL for the object. Static. */
const char *pool_field_name(enum pool_field field);

/* Letters, digits, '.', '_' and '-'. ERR_INVALID. */
struct err *pool_check_name(const char *name) MUST_CHECK;
/* ADDRESS/LENGTH without bits behind the length. ERR_INVALID. */
struct err *pool_parse_subnet(const char *text, struct ip_prefix *ret_subnet) MUST_CHECK;
/* "10.0.0.7", "10.0.0.10-10.0.0.20" or "10.0.0.16/28". ERR_INVALID. */
struct err *pool_parse_range(const char *text, struct pool_range *ret_range) MUST_CHECK;
/* The canonical text, one of the first two forms. From the arena. */
const char *pool_range_text(struct arena *a, const struct pool_range *r);

void pool_sort(struct pool *p);
/* The subnet that contains 'addr'; NULL if none does. */
const struct ip_prefix *pool_subnet_of(const struct pool *p, const struct ip_addr *addr);
/* The router in 'subnet'; NULL if there is none. */
const struct ip_addr *pool_gateway_in(const struct pool *p,
				      const struct ip_prefix *subnet);
bool pool_equals(const struct pool *p, const struct pool *q);
/* "10.0.0.0/24, 2001:db8::/64"; with a family (not AF_UNSPEC) those of it. From the arena. */
const char *pool_subnets_text(struct arena *a, const struct pool *p, uint8_t family);

#endif
