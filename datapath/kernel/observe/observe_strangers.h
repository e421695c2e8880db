/* Foreign devices on the masters of a scope. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_STRANGERS_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_STRANGERS_H 1

#include "datapath/kernel/observe/observe_link.h"

/* Asks for them where the model must show them. After the named devices were found. */
struct err *observe_strangers_ask(struct observation *o) MUST_CHECK;
/* Fills in seen.held: after the addresses of slaves were read, before 'have' is sorted. */
struct err *observe_strangers_hold(struct observation *o, struct model *have) MUST_CHECK;

#endif
