/* Which rows declare routes without a device ("blackhole 10.9.0.0/16") in one namespace. The
 * kernel has such a route for the namespace: a pass about one of the rows looks at all, or
 * it would take theirs for routes that no row declares. */
#ifndef RECONCILER_WANTED_REJECTS_H
#define RECONCILER_WANTED_REJECTS_H 1

#include "reconciler/wanted/aliases.h"
#include "reconciler/wanted/slave_index.h"

/* Calls 'fn' with the key of each, by whatever text the row names the namespace; perhaps more
 * than once. 'netns': that of a slave, or of its master. 'aliases' may be NULL. */
void rejects_each(const struct slave_index *slaves, const struct aliases *aliases,
		  const char *netns, slave_index_key_fn *fn, void *aux);

#endif
