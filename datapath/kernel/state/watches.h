/* Masters with `match`: what a change of another device, or of a route, would mean for them.
 *
 * Filled by observations. It may be emptied at any time: then events carry less, and nothing else
 * changes. */
#ifndef DATAPATH_KERNEL_STATE_WATCHES_H
#define DATAPATH_KERNEL_STATE_WATCHES_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/model_match.h"

struct watch {
	int32_t nsid;
	const char *name; /* of the master */
	struct model_match match;
	/* No device was chosen, since several fit: any change of a link matters. */
	bool is_open;
	/* The device of the default route that was found; 0: none. */
	uint32_t route_ifindex;
	struct watch *next;
};

struct watches {
	struct watch *list;
};

/* As observed; replaces what was noted of that master. Copies all. */
void watches_note(struct watches *w, const struct watch *seen);
/* The master has no `match` any more. */
void watches_drop(struct watches *w, int32_t nsid, const char *name);
void watches_forget_netns(struct watches *w, int32_t nsid);
void watches_clear(struct watches *w);

/* True if the change of a link matters. 'old' NULL: the device was not known. */
bool watch_concerns_link(const struct watch *w, const struct nl_link *old,
			 const struct nl_link *link, bool is_gone);
/* True if routes of the device may have gone without a message (kernel.md 8), and matter. */
bool watch_concerns_routes_of(const struct watch *w, uint32_t ifindex);

#endif
