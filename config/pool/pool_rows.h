/* Rows of table Pool. */
#ifndef CONFIG_POOL_ROWS_H
#define CONFIG_POOL_ROWS_H 1

#include "config/columns.h"
#include "config/pool/pool.h"
#include "ovsdb-lite/rows/txn.h"

/* By the index, as 'txn' sees it (NULL: as committed); NULL if there is none. */
struct row *pool_rows_find(const struct ipvl_columns *c, const struct txn *txn,
			   const char *host, const char *name);
/* ERR_INVALID if a text is not canonical; its path is "Pool.COLUMN". The result is sorted; the
 * rules (pool_check()) may not hold. */
struct err *pool_rows_read(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *r, struct arena *a,
			   struct pool *ret_pool) MUST_CHECK;
void pool_rows_write(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		     const struct pool *p);
struct row *pool_rows_add(const struct ipvl_columns *c, struct txn *txn, const char *host,
			  const struct pool *p);

/* The lease of this address of the pool; NULL if there is none. */
struct row *pool_rows_find_lease(const struct ipvl_columns *c, const struct txn *txn,
				 const struct row *pool, const char *address);

#endif
