/* What the daemon counts about its own work, since it started. */
#ifndef RECONCILER_COUNT_COUNT_H
#define RECONCILER_COUNT_COUNT_H 1

#include "datapath/plan/plan.h"

#include <stddef.h>
#include <stdint.h>

/* Durations up to each of these, and one class for longer ones. */
#define COUNT_N_BOUNDS 8
extern const double count_bounds_seconds[COUNT_N_BOUNDS];

struct count_durations {
	uint64_t n[COUNT_N_BOUNDS + 1];
	uint64_t sum_us;
};

struct counts {
	uint64_t passes_failed;
	struct count_durations passes; /* those that were finished */
	uint64_t steps_done, steps_failed, steps_skipped;
	/* By what was done: repaired, tried without success, left as it is. */
	uint64_t drift_repaired, drift_failed, drift_left;
	uint64_t events, events_lost;
	int64_t pass_began_us; /* of the pass that runs */
};

/* CLOCK_MONOTONIC, in microseconds. */
int64_t count_now_us(void);
void count_duration(struct count_durations *d, int64_t us);
void count_steps(struct counts *c, const struct plan_result *results, size_t n);

#endif
