/* The devices of masters with `match`. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_MATCH_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_MATCH_H 1

#include "datapath/kernel/observe/observe_link.h"

/* True if the device is not the one of the master's name. */
bool observe_match_is_label(const struct observed_master *m);
/* Finds them: once all that the scope names was asked for. */
struct err *observe_match_find(struct observation *o) MUST_CHECK;
/* Notes for the events what was found. */
void observe_match_remember(const struct observation *o);

#endif
