/* Memory for many long-lived objects of one size, apart from other memory: among the
 * short-lived allocations of requests they would keep pages from being given back. */
#ifndef OVSDB_SLAB_H
#define OVSDB_SLAB_H 1

#include <stddef.h>

struct slab;

struct slab_cache {
	size_t object_bytes; /* set once */
	struct slab
		*slabs; /* those with room come first; NULL while there is no object */
};

/* Zeroed, aligned for pointers and integers. */
void *slab_alloc(struct slab_cache *c)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
/* 'object' is of slab_alloc() with the same cache. */
void slab_free(struct slab_cache *c, void *object);

#endif
