/* Changes in the kernel, as events of the provider. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_H 1

#include "datapath/kernel/state/kernel_state.h"

struct err *events_open(struct kernel *k) MUST_CHECK;
void events_close(struct kernel *k);
/* True if the kernel has sent something that was not drained yet. */
bool events_are_pending(const struct kernel *k);
/* As datapath_drain_fn. */
void events_drain(struct datapath *dp, datapath_event_fn *fn, void *aux);

#endif
