/* Events of masters with `match` (state/watches.h). */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_WATCH_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_WATCH_H 1

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/netlink/nl_route.h"

/* A message about a link. 'old': as the cache has it; NULL: not at all. */
void events_watch_link(struct event_sink *s, int32_t nsid, const struct nl_link *old,
		       const struct nl_link *link, bool is_gone);
/* Routes of the device may have gone without a message. */
void events_watch_routes_of(struct event_sink *s, int32_t nsid, uint32_t ifindex);
/* A message about a route. */
void events_watch_route(struct event_sink *s, int32_t nsid, const struct nl_route *r);

#endif
