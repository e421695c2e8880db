/* A datapath between the reconciler and another datapath: it records what passes. */
#ifndef TESTS_TWIN_SPY_H
#define TESTS_TWIN_SPY_H 1

#include "datapath/datapath.h"

#include <stdbool.h>
#include <stdint.h>

/* What the simulator's faults (datapath/sim/sim.h) do not offer. Numbers count from 0,
 * over all daemons that use the spy; -1: never. */
struct spy_accidents {
	/* Right behind this step the daemon is dead, before it has noted the result. */
	int64_t death;
	/* This observation is interrupted; the port watch is not counted. */
	int64_t failing_observation;
};
extern const struct spy_accidents spy_no_accidents;

/* Borrows 'inner', which must live longer. Closed by spy_free(), not by
 * datapath_close(). */
struct datapath *spy_new(struct datapath *inner, const struct spy_accidents *accidents)
	__attribute__((warn_unused_result));
void spy_free(struct datapath *spy); /* accepts NULL */

/* The number of steps that were passed to the spy, and of observations. */
uint64_t spy_n_steps(const struct datapath *spy);
uint64_t spy_n_observations(const struct datapath *spy);

/* A dead daemon changes nothing: its steps and observations fail. */
bool spy_is_dead(const struct datapath *spy);
void spy_revive(struct datapath *spy);

/* What was recorded since spy_forget_steps(), spy_forget_events(). A line for each step,
 * each text once: that of `ipvl-ctl diff`, and the error of one that failed. From 'a'. */
const char *spy_steps(const struct datapath *spy, struct arena *a);
void spy_forget_steps(struct datapath *spy);
/* A line for each event, each text once, sorted. */
const char *spy_events(const struct datapath *spy, struct arena *a);
void spy_forget_events(struct datapath *spy);

#endif
