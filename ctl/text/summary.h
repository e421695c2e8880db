/* What `status` shows, summed up. */
#ifndef CTL_SUMMARY_H
#define CTL_SUMMARY_H 1

#include "ctl/session/context.h"

#include <stddef.h>
#include <stdint.h>

/* design: ready, pending, waiting, conflict, error, contested, disabled; and none, yet.
 */
#define STATUS_N_STATES 8
const char *status_state_name(size_t i);

struct status_counts {
	size_t n, by_state[STATUS_N_STATES];
	size_t n_warned; /* with a warning, whatever their state */
};

struct status_problem {
	const char *label, *state, *message;
};

struct status_warning {
	const char *label, *text;
	bool is_of_master; /* of a slave, and its master has the same */
};

struct status_summary {
	const char *version, *kernel; /* "" if no daemon */
	int64_t next_cfg, cur_cfg;
	struct status_counts masters, slaves;
	struct status_problem *problems; /* neither ready nor disabled */
	size_t n_problems;
	struct status_warning *warnings;
	size_t n_warnings;
	const struct datum *config_errors; /* NULL if there is no Host */
};

/* From the attempt's arena. */
struct status_summary status_sum_up(const struct context *ctx);
/* As JSON or YAML. */
void status_print_tree(const struct context *ctx, const struct status_summary *s);

#endif
