/* From the namespaces found to the model. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_NETNS_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_NETNS_H 1

#include "datapath/kernel/observe/observe_link.h"

/* Those of the scope. */
void observe_netns_fill(struct observation *o, struct model *have);
/* Adds what is left where no slave is. After the slaves were read, and said which namespaces
 * show theirs (netns_ref.has_shown_slave). */
struct err *observe_netns_find_left(struct observation *o, struct model *have) MUST_CHECK;

#endif
