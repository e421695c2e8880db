/* The events of the simulated kernel. */
#ifndef DATAPATH_SIM_EVENT_H
#define DATAPATH_SIM_EVENT_H 1

#include "datapath/sim/sim_state.h"

/* Queues an event, unless the provider itself makes the change. The format makes
 * 'what'. */
void sim_event_add(struct sim_world *w, enum datapath_event_kind kind, const char *netns,
		   const char *name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* A change of a device: an event of the slave, and of its master if it is an ipvlan. */
void sim_event_add_link(struct sim_world *w, const struct sim_link *l, const char *format,
			...) __attribute__((format(printf, 3, 4)));
/* A new device of another process; an ipvlan may have changed its master's port. */
void sim_event_add_new(struct sim_world *w, const struct sim_link *l);
/* The oldest event, owned by the caller; NULL if there is none. */
struct sim_event *sim_event_take(struct sim_world *w);
/* The oldest event of a namespace's name; the oldest of all if there is none. */
struct sim_event *sim_event_take_netns(struct sim_world *w);
void sim_event_free(struct sim_event *e); /* accepts NULL */

#endif
