/* The table of routes of a simulated namespace. */
#ifndef DATAPATH_SIM_ROUTE_H
#define DATAPATH_SIM_ROUTE_H 1

#include "datapath/sim/sim_state.h"

/* Events after a foreign route through 'l' has gone: it may have blocked a route of ours
 * on any other device. */
void sim_route_add_freed_events(struct sim_world *w, const struct sim_link *l);
/* Removes those routes through the device for which 'is_dropped' holds (NULL: all),
 * without an event of their own (kernel.md 8). */
void sim_route_drop(struct sim_world *w, struct sim_link *l,
		    bool (*is_dropped)(const struct sim_link *l,
				       const struct model_route *r));
/* Adds a route without any check. */
void sim_route_put(struct sim_link *l, const struct model_route *r, bool is_ours);
struct sim_route *sim_route_find(const struct sim_netns *s,
				 const struct model_route *key);

#endif
