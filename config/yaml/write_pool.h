/* `pools:` of a file, the inverse of declare_pool.c. Private to config/yaml/. */
#ifndef CONFIG_WRITE_POOL_H
#define CONFIG_WRITE_POOL_H 1

#include "config/pool/pool.h"

#include <stdio.h>

/* Nothing without pools. */
void write_pools(FILE *out, const struct pool *pools, size_t n);

#endif
