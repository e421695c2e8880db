/* Files below /etc/netns that are in the way of a slave. */
#ifndef DATAPATH_KERNEL_EVENTS_EVENTS_FILES_H
#define DATAPATH_KERNEL_EVENTS_EVENTS_FILES_H 1

#include "datapath/kernel/events/event_sink.h"

struct inotify_event;

/* The resolv.conf of 'netns' is not ours, and the slave 'name' there waits for it to go: the
 * next change at its place is an event of the slave, once. If it cannot be watched, the
 * next complete observation finds it. */
void events_files_await(struct kernel *k, const char *netns, const char *name);
/* Emits what the message of inotify is about, if it is about such a file. */
void events_files_take(struct event_sink *s, const struct inotify_event *message);
void events_files_clear(struct events *ev);

#endif
