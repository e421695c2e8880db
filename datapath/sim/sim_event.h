/* The events of the simulated kernel. */
#ifndef DATAPATH_SIM_EVENT_H
#define DATAPATH_SIM_EVENT_H 1

#include "datapath/sim/sim_state.h"

/* What the kernel reports, unless the provider itself is at work. RTM_NEWLINK of a change;
 * 'what' is "" if none can be seen. */
void sim_event_link(struct sim_world *w, const struct sim_link *l, const char *what);
/* The same for a change of the port's mode. */
void sim_event_port(struct sim_world *w, const struct sim_link *l);
/* A new device, or one that has come from another namespace. */
void sim_event_added(struct sim_world *w, const struct sim_link *l);
void sim_event_arrived(struct sim_world *w, const struct sim_link *l);
/* RTM_DELLINK, before it is done. */
void sim_event_gone(struct sim_world *w, const struct sim_link *l);
void sim_event_moved(struct sim_world *w, const struct sim_link *l);
void sim_event_renamed(struct sim_world *w, const struct sim_link *l, const char *name);
/* A device on 'l' was added or removed. */
void sim_event_master(struct sim_world *w, const struct sim_link *l);
/* IPv6 was turned on (RTM_NEWLINK of family AF_INET6). */
void sim_event_ipv6(struct sim_world *w, const struct sim_link *l);
/* 'what': "added", "removed". */
void sim_event_address(struct sim_world *w, const struct sim_link *l,
		       const struct sim_addr *a, const char *what);
void sim_event_route(struct sim_world *w, const struct sim_netns *s,
		     const struct sim_route *r, const char *what);
/* NLM_F_REPLACE took the place of 'old'. */
void sim_event_replaced(struct sim_world *w, const struct sim_netns *s,
			const struct sim_route *old);
/* A foreign route through 'l' has gone silently: it may have blocked a route of ours on
 * any other device. */
void sim_event_freed(struct sim_world *w, const struct sim_link *l);
/* A text of a namespace has changed its meaning. */
void sim_event_netns(struct sim_world *w, const char *name, const char *what);
/* RTM_DELNSID. */
void sim_event_nsid_gone(struct sim_world *w, const struct sim_netns *s);

/* The oldest event, owned by the caller; NULL if there is none. */
struct sim_event *sim_event_take(struct sim_world *w);
/* The oldest event of a namespace's name; the oldest of all if there is none. */
struct sim_event *sim_event_take_netns(struct sim_world *w);
void sim_event_free(struct sim_event *e); /* accepts NULL */

#endif
