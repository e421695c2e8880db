/* Adds to counts, and sorts durations into classes. */
#include "reconciler/count/count.h"

#include <time.h>

const double count_bounds_seconds[COUNT_N_BOUNDS] = {0.001, 0.005, 0.02, 0.1,
						     0.5,   2,     10,   60};

int64_t count_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void count_duration(struct count_durations *d, int64_t us)
{
	unsigned int i = 0;

	while (i < COUNT_N_BOUNDS && (double)us > count_bounds_seconds[i] * 1e6)
		i++;
	d->n[i]++;
	d->sum_us += (uint64_t)us;
}

void count_steps(struct counts *c, const struct plan_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (results[i].kind) {
		case PLAN_DONE:
			c->steps_done++;
			break;
		case PLAN_SKIPPED:
			c->steps_skipped++;
			break;
		case PLAN_FAILED:
			c->steps_failed++;
			break;
		}
	}
}
