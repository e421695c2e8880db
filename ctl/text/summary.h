/* What `status` prints. */
#ifndef CTL_SUMMARY_H
#define CTL_SUMMARY_H 1

#include "config/state.h"
#include "ctl/session/context.h"
#include "ctl/text/advice.h"

#include <stddef.h>
#include <stdint.h>

/* The states in the order of output, STATE_UNKNOWN last; 'i' is below N_STATES. */
enum row_state summary_state_at(size_t i);
/* "unknown" for STATE_UNKNOWN. */
const char *summary_state_name(enum row_state state);

struct summary_counts {
	size_t n, by_state[N_STATES];
	size_t n_warned; /* rows with a warning, in any state */
};

struct summary_problem {
	const char *label, *message;
	enum row_state state;
};

struct summary_warning {
	const char *label, *text;
	bool is_of_master; /* of a slave whose master has the same */
};

struct summary {
	const char *version, *kernel; /* "" without a daemon */
	int64_t next_cfg, cur_cfg;
	struct summary_counts masters, slaves;
	struct summary_problem *problems; /* neither ready nor disabled */
	size_t n_problems;
	struct summary_warning *warnings;
	size_t n_warnings;
	const struct datum *config_errors; /* NULL if there is no Host */
	struct advice_list next;
};

/* From the attempt's arena. */
struct summary summary_make(const struct context *ctx);
/* As JSON or YAML. */
void summary_print_tree(const struct context *ctx, const struct summary *s);

#endif
