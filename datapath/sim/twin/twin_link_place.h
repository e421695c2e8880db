/* The name of a device of the simulated kernel, its namespace, and its end. */
#ifndef DATAPATH_SIM_TWIN_LINK_PLACE_H
#define DATAPATH_SIM_TWIN_LINK_PLACE_H 1

#include "datapath/sim/twin/twin_state.h"

/* From this version on what is up can be renamed too (kernel.md 24). */
#define TWIN_LIVE_RENAME 602

bool twin_link_can_rename(const struct twin_world *w, const struct twin_link *l);
struct err *twin_link_rename(struct twin_world *w, struct twin_link *l,
			     const char *name) MUST_CHECK;
/* Removes addresses, routes and IFF_UP (kernel.md 7). 'name': if its own is taken there;
 * NULL: none. */
struct err *twin_link_move(struct twin_world *w, struct twin_link *l,
			   struct twin_netns *to, const char *name) MUST_CHECK;
/* With everything on it. */
void twin_link_del(struct twin_world *w, struct twin_link *l);

#endif
