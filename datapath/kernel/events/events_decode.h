/* From a message of rtnetlink to events. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_DECODE_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_DECODE_H 1

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/events/events_state.h"
#include "datapath/kernel/netlink/nl_socket.h"

/* One message of the namespace with that id. */
void events_decode(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h);
/* After the last one. A mode that changes flips IFF_NOARP of all slaves of a port that are up:
 * that is the master's. Others that have flipped have an event each. */
void events_decode_end(struct event_sink *s);

#endif
