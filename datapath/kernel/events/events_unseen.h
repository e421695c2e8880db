/* Devices with our mark that no observation has seen. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_UNSEEN_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_UNSEEN_H 1

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/events/events_state.h"

/* A message of it was read. */
void events_unseen_note(struct events *ev, struct cache_key key, bool is_gone);
/* When no message is left: emits an event if there is one. */
void events_unseen_emit(struct event_sink *s);
void events_unseen_clear(struct events *ev);

#endif
