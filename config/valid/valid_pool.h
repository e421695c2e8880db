/* Pools, and the leases of slaves, in a transaction. */
#ifndef CONFIG_VALID_POOL_H
#define CONFIG_VALID_POOL_H 1

#include "config/valid/valid_row.h"

/* A pool that changes: its texts, its rules, and the leases that there are of it. '*ret_column'
 * is what the error is about; static or of the schema. */
struct err *valid_pool_row(const struct valid_txn *t, const struct row *pool,
			   const char **ret_column) MUST_CHECK;
/* A lease that changes: that its pool was not taken from it. '*ret_pool' is the pool's name;
 * borrowed. */
struct err *valid_pool_lease(const struct valid_txn *t, const struct change *lease,
			     const char **ret_pool) MUST_CHECK;
/* That a slave has exactly the leases of its addresses in its pool. 's' is its model. */
struct err *valid_pool_slave(const struct valid_txn *t, const struct row *slave,
			     const struct model_slave *s) MUST_CHECK;

#endif
