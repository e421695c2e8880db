/* Events on their way to the caller of one drain(). */
#ifndef DATAPATH_KERNEL_EVENTS_EVENT_SINK_H
#define DATAPATH_KERNEL_EVENTS_EVENT_SINK_H 1

#include "datapath/kernel/state/kernel_state.h"
#include "lib/hash_table.h"

/* An event that was passed on already. */
struct emitted {
	char *text;
	UT_hash_handle hh;
};

/* Where the events of one drain() go; equal ones are passed on once. */
struct event_sink {
	struct kernel *k;
	struct arena *a;
	datapath_event_fn *fn;
	void *aux;
	struct emitted *emitted;
};

struct event_cause {
	const char *what;
	uint32_t pid;
	const char *by; /* NULL: unknown */
	bool reaches_upper, has_failed_over;
};

void event_emit(struct event_sink *s, const struct datapath_event *e);
/* A device of ours may be where no row has it. */
void event_emit_strayed(struct event_sink *s, const char *what);
/* An event of the device, by each name of its namespace. */
void event_emit_device(struct event_sink *s, enum datapath_event_kind kind, int32_t nsid,
		       const char *name, struct event_cause cause);
/* An event of a device in the cache, also under the name that its row has. */
void event_emit_cached(struct event_sink *s, const struct cache_device *d,
		       const char *name, struct event_cause cause);
/* An event of the place of a device that is in another namespace by now, if it is. */
void event_emit_place(struct event_sink *s, const struct cache_device *d,
		      struct event_cause cause);

#endif
