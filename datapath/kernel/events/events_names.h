/* Which names of namespaces come, go, and change what they stand for. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_NAMES_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_NAMES_H 1

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/events/events_state.h"

/* Checks all names again and emits the differences; with 's' NULL it emits nothing. */
void events_names_scan(struct kernel *k, struct event_sink *s);
/* We made or removed the name ourselves: no event is due. */
void events_names_note(struct kernel *k, const char *name);
void events_names_clear(struct events *ev);

#endif
