/* From the links found to the cache, and back. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_REMEMBER_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_REMEMBER_H 1

#include "datapath/kernel/observe/observe_link.h"

/* For events, and for the next observation: the links found, by their numbers. */
void observe_remember(struct observation *o);
/* For each master, by its place in 'o': a device of ours that the cache has on it and that no
 * question has found; ifindex 0 if there is none. */
void observe_remember_members(const struct observation *o, struct cache_key *ret_members);

#endif
