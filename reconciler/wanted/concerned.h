/* Which objects a transaction concerns, before it is committed: what the pass after the
 * commit will look at. */
#ifndef RECONCILER_WANTED_CONCERNED_H
#define RECONCILER_WANTED_CONCERNED_H 1

#include "lib/arena.h"
#include "reconciler/wanted/desired.h"
#include "reconciler/wanted/key.h"

/* In no order, and perhaps more than once. */
struct concerned {
	struct key *keys;
	size_t n, cap;
};

/* The objects of 'source->txn': each by its old and its new name, slaves that change
 * their master, the slaves of a master that changes, and VLANs on it. Those whose rows
 * change have KEY_CONFIG as cause. In 'a'. */
struct concerned concerned_of(const struct desired_source *source, struct arena *a);

void concerned_add(struct concerned *c, const struct key *key, struct arena *a);

#endif
