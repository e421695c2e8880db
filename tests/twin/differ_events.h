/* What both providers report of a request. */
#ifndef TESTS_TWIN_DIFFER_EVENTS_H
#define TESTS_TWIN_DIFFER_EVENTS_H 1

#include "datapath/datapath.h"
#include "datapath/sim/twin/twin_request.h"
#include "tests/twin/lines.h"

/* Makes the device whose changes mark a place among the real kernel's events. */
const struct twin_request *differ_events_mark(void);
/* A dump without that device. From 'a'. */
const char *differ_events_unmarked(struct arena *a, const char *state);

/* Adds what the simulator has reported so far. */
void differ_events_drain_sim(struct datapath *dp, struct lines *l);
/* Adds what the real kernel has reported so far: the answer to a request comes after its
 * events. ERR_TIMED_OUT: nothing for a minute. */
struct err *differ_events_drain_kernel(struct datapath *dp, struct lines *l) MUST_CHECK;

/* What is compared: "slave n1/s0", sorted, each once. Sorts 'l'. From 'a'. */
const char *differ_events_text(struct arena *a, struct lines *l);
/* Removes from 'real' the events of masters without news, of which 'sim' has none: a bridge
 * and what is on it report features too, which follow from the drivers of its ports. */
void differ_events_drop_features(struct lines *real, const struct lines *sim);
/* With what happened, each line behind 'who'. From 'a'. */
const char *differ_events_details(struct arena *a, const char *who,
				  const struct lines *l);

#endif
