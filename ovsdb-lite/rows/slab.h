/* Memory for many objects of one size that live long, apart from everything else: mixed
 * with what a request takes for a moment, they would keep its pages from going back. */
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
void slab_free(struct slab_cache *c, void *object);

#endif
