/* Runs a plan on a datapath, a slice of time after another, so that the caller's event
 * loop can do other work in between. */
#ifndef DATAPATH_APPLY_H
#define DATAPATH_APPLY_H 1

#include "datapath/datapath.h"

struct apply;

/* Borrows both. */
struct apply *apply_new(struct datapath *dp, const struct plan *plan)
	__attribute__((warn_unused_result));
/* Runs steps for about 'budget_ms' (at least one batch; -1: all of them). True when no
 * step is left. */
bool apply_run(struct apply *a, int64_t budget_ms);
/* One result for each step of the plan; complete once apply_run() has returned true. */
const struct plan_result *apply_results(const struct apply *a);
/* Frees the results too. Accepts NULL. */
void apply_free(struct apply *a);

#endif
