/* What one transaction takes from pools, and what is free of each. */
#ifndef CONFIG_LEASE_SOURCE_H
#define CONFIG_LEASE_SOURCE_H 1

#include "config/columns.h"
#include "config/pool/pool_space.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/rows/txn.h"

#define LEASE_FAMILIES 2
extern const uint8_t lease_families[LEASE_FAMILIES]; /* IPv4, IPv6 */

struct lease_taken {
	struct ip_addr addr;
	UT_hash_handle hh;
};

/* A pool as the slaves of one master use it: an address that another slave of the master has is
 * not free for them, though it is not leased. */
struct lease_source {
	const struct row *pool, *master;
	struct pool p;
	struct pool_space spaces[LEASE_FAMILIES]; /* IPv4, IPv6 */
	uint64_t next[LEASE_FAMILIES];            /* where the search goes on */
	struct lease_taken *taken;
	struct lease_source *after;
};

struct leases {
	const struct ipvl_columns *c;
	struct txn *txn;
	unsigned int attempt;
	struct arena *a;
	struct lease_source *sources;
	struct lease_taken *reserved;
};

/* 'attempt' 1: the lowest free address of a pool is chosen. Later ones, after another client was
 * faster: any free one, or all that were late would want the same one again. Borrows both. */
struct leases *lease_new(const struct ipvl_columns *c, struct txn *txn,
			 unsigned int attempt) __attribute__((warn_unused_result));
void lease_free(struct leases *l); /* accepts NULL */

/* An address that a slave will have by its declaration: it is not chosen for another. */
void lease_reserve(struct leases *l, const struct ip_addr *addr);
void lease_reserve_nothing(struct leases *l);

bool lease_is_reserved(const struct leases *l, const struct ip_addr *addr);
/* The pool of this name on the master's host. ERR_NOT_FOUND. */
struct err *lease_source_find(struct leases *l, const struct row *master,
			      const char *name,
			      struct lease_source **ret_source) MUST_CHECK;
/* The first free address of a family, from where the last search ended. ERR_LIMIT. */
struct err *lease_source_choose(struct leases *l, struct lease_source *s, size_t which,
				struct ip_addr *ret_addr) MUST_CHECK;

/* The text of a column, "" for none; lease number 'i' of a slave, NULL if it is gone. */
const char *lease_text(const struct leases *l, const struct row *r,
		       const struct column_schema *c);
const struct row *lease_at(const struct leases *l, const struct row *slave, uint32_t i);
bool lease_is_of_pool(const struct leases *l, const struct row *lease,
		      const struct row *pool);

#endif
