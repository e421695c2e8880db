/* Words for what two messages about a device show. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_TEXT_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_TEXT_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "lib/arena.h"

/* "mtu 1400, set down"; "" if nothing that matters has changed. */
const char *events_text_change(struct arena *a, const struct nl_link *old,
			       const struct nl_link *new);

#endif
