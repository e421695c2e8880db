/* What the simulated kernel reports: messages of rtnetlink, and changes of the names of
 * namespaces, in order. A message of a namespace that has no id in ours is not received
 * (kernel.md 14). */
#ifndef DATAPATH_SIM_TWIN_EVENT_H
#define DATAPATH_SIM_TWIN_EVENT_H 1

#include "datapath/sim/twin/twin_state.h"

/* RTM_NEWLINK, whatever has changed. */
/* NETDEV_NOTIFY_PEERS: RTM_NEWLINK with IFLA_EVENT. */
void twin_event_failover(struct twin_world *w, const struct twin_link *l);
void twin_event_link(struct twin_world *w, const struct twin_link *l);
/* The same, from Linux netdev_state_change(): nothing while the device is down. */
void twin_event_state(struct twin_world *w, const struct twin_link *l);
/* The same for a device that is new in its namespace. */
void twin_event_added(struct twin_world *w, const struct twin_link *l);
/* RTM_DELLINK; 'moved_to': its ifindex in another namespace, 0 if it is deleted. */
void twin_event_gone(struct twin_world *w, const struct twin_link *l, uint32_t moved_to);
/* IPv6 was turned on. */
void twin_event_ipv6(struct twin_world *w, const struct twin_link *l);
void twin_event_address(struct twin_world *w, const struct twin_link *l,
			const struct twin_addr *a, bool is_gone);
/* 'old': what NLM_F_REPLACE replaced; NULL: nothing. */
void twin_event_route(struct twin_world *w, const struct twin_netns *s,
		      const struct twin_route *r, bool is_gone,
		      const struct twin_route *old);
void twin_event_rule(struct twin_world *w, const struct twin_netns *s,
		     const struct twin_rule *r, bool is_gone);
/* Linux fib6_ifdown(): IPv6 reports the routes that go with its end on a device. */
void twin_event_routes_gone(struct twin_world *w, const struct twin_link *l);
/* A text of a namespace has changed its meaning. */
void twin_event_netns(struct twin_world *w, const char *name, const char *what);
/* The resolv.conf of 'netns' changed, for which the slave 'name' waited. */
void twin_event_file(struct twin_world *w, const char *netns, const char *name);
/* RTM_DELNSID. */
void twin_event_nsid_gone(struct twin_world *w, const struct twin_netns *s);

/* The oldest message, of rtnetlink or of inotify; owned by the caller; NULL if
 * there is none. */
struct twin_message *twin_event_take(struct twin_world *w, bool of_inotify);
void twin_event_free(struct twin_message *m); /* accepts NULL */
void twin_event_drop_all(struct twin_world *w);

#endif
