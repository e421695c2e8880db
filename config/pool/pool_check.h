/* What can never work of a pool. */
#ifndef CONFIG_POOL_CHECK_H
#define CONFIG_POOL_CHECK_H 1

#include "config/pool/pool.h"

/* What its parts exclude for each other. ERR_INVALID; '*ret_field' and '*ret_index' are the
 * part that is wrong. 'p' is sorted. */
struct err *pool_check(const struct pool *p, enum pool_field *ret_field,
		       size_t *ret_index) MUST_CHECK;

#endif
