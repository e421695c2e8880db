/* Which questions an observation asks. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_ASK_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_ASK_H 1

#include "datapath/kernel/observe/observe_link.h"

/* All questions about links that the scope needs. What lies inside namespaces follows
 * later. */
struct err *observe_ask_all(struct observation *o) MUST_CHECK;

#endif
