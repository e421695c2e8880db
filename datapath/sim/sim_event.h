/* What the simulated kernel reports: messages of rtnetlink, and changes of the names of
 * namespaces, in order. A message of a namespace that has no id in ours is not received
 * (kernel.md 14). */
#ifndef DATAPATH_SIM_EVENT_H
#define DATAPATH_SIM_EVENT_H 1

#include "datapath/sim/sim_state.h"

/* RTM_NEWLINK, whatever has changed. */
void sim_event_link(struct sim_world *w, const struct sim_link *l);
/* The same, from Linux netdev_state_change(): nothing while the device is down. */
void sim_event_state(struct sim_world *w, const struct sim_link *l);
/* The same for a device that is new in its namespace. */
void sim_event_added(struct sim_world *w, const struct sim_link *l);
/* RTM_DELLINK; 'moved_to': its ifindex in another namespace, 0 if it is deleted. */
void sim_event_gone(struct sim_world *w, const struct sim_link *l, uint32_t moved_to);
/* IPv6 was turned on. */
void sim_event_ipv6(struct sim_world *w, const struct sim_link *l);
void sim_event_address(struct sim_world *w, const struct sim_link *l,
		       const struct sim_addr *a, bool is_gone);
/* 'old': what NLM_F_REPLACE replaced; NULL: nothing. */
void sim_event_route(struct sim_world *w, const struct sim_netns *s,
		     const struct sim_route *r, bool is_gone,
		     const struct sim_route *old);
/* A text of a namespace has changed its meaning. */
void sim_event_netns(struct sim_world *w, const char *name, const char *what);
/* The resolv.conf of 'netns' changed, for which the slave 'name' waited. */
void sim_event_file(struct sim_world *w, const char *netns, const char *name);
/* RTM_DELNSID. */
void sim_event_nsid_gone(struct sim_world *w, const struct sim_netns *s);

/* The oldest message, of rtnetlink or of inotify; owned by the caller; NULL if
 * there is none. */
struct sim_message *sim_event_take(struct sim_world *w, bool of_inotify);
void sim_event_free(struct sim_message *m); /* accepts NULL */
void sim_event_drop_all(struct sim_world *w);

#endif
