/* Slaves whose namespace stays without its name: another process is in it, or has it open
 * (kernel.md 16). */
#ifndef DATAPATH_KERNEL_EXECUTE_KEPT_H
#define DATAPATH_KERNEL_EXECUTE_KEPT_H 1

#include "datapath/kernel/execute/batch.h"

struct kept {
	struct batch batch; /* of LINK_DEL: an item for each slave */
	struct plan_result *results;
	struct batch_item **owners; /* of each item: that of its NETNS_DEL */
};

/* For a batch of NETNS_DEL. */
void kept_init(struct kept *kept, struct batch *batch);
/* The name of the namespace 'ns' has been removed: its slaves go, as the step of 'owner' has
 * them. */
void kept_add(struct kept *kept, struct batch_item *owner, struct netns_ref *ns);
/* Deletes those that are still there. Fails the owners of those that cannot be deleted. */
struct err *kept_delete(struct kept *kept) MUST_CHECK;

#endif
