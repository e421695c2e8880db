/* Which rows declare what one namespace has once for all of its slaves: routes without a device
 * ("blackhole 10.9.0.0/16"), rules of policy routing. A pass about one of the rows looks at all,
 * or it would take theirs for what no row declares. */
#ifndef RECONCILER_WANTED_SHARED_H
#define RECONCILER_WANTED_SHARED_H 1

#include "reconciler/wanted/aliases.h"
#include "reconciler/wanted/slave_index.h"

/* Calls 'fn' with the key of each, by whatever text the row names the namespace; perhaps more
 * than once. 'netns': that of a slave, or of its master. 'aliases' may be NULL. */
void shared_each(const struct slave_index *slaves, const struct aliases *aliases,
		 const char *netns, slave_index_key_fn *fn, void *aux);

#endif
