/* Which names of namespaces come, go, and change what they stand for. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_NAMES_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_NAMES_H 1

#include "datapath/kernel/events/event_sink.h"
#include "datapath/kernel/events/events_state.h"

/* Checks all names again and emits the differences; with 's' NULL it emits nothing. */
void events_names_scan(struct kernel *k, struct event_sink *s);
/* Checks one name below NETNS_DIR. */
void events_names_check(struct kernel *k, struct event_sink *s, const char *name);
/* Checks names whose file had no namespace on it when it was last checked. */
void events_names_check_dead(struct kernel *k, struct event_sink *s);
/* Before we mount or unmount: whether another program did is asked first. */
void events_names_expect(struct kernel *k);
/* We made or removed the name ourselves: no event is due, and no scan. */
void events_names_note(struct kernel *k, const char *name);
/* True if anything was mounted or unmounted since the last call, by another program. */
bool events_names_are_mounts_changed(struct events *ev);
void events_names_clear(struct events *ev);

#endif
