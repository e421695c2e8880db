/* Whether masters are as they should be. */
#ifndef RECONCILER_REACH_MASTERS_H
#define RECONCILER_REACH_MASTERS_H 1

#include "datapath/model.h"

/* True if each master that is wanted is there, up, in the right mode, nothing is in its way, and a
 * slave of ours is on it that 'want' does not have. */
bool reach_masters_are_well(const struct model *want, const struct model *have);

#endif
