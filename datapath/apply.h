/* Runs a plan on a datapath, phase by phase, a slice at a time so that the caller's loop
 * stays alive. */
#ifndef DATAPATH_APPLY_H
#define DATAPATH_APPLY_H 1

#include "datapath/datapath.h"

struct apply;

/* Borrows both; 'results' is made inside, one for each step of 'plan'. */
struct apply *apply_new(struct datapath *dp, const struct plan *plan)
	__attribute__((warn_unused_result));
/* Does steps for about 'budget_ms' (one batch at least; -1: all). True when nothing is
 * left. */
bool apply_run(struct apply *a, int64_t budget_ms);
/* Valid for the steps done so far; complete once apply_run() said true. */
const struct plan_result *apply_results(const struct apply *a);
/* Frees the results too. Accepts NULL. */
void apply_free(struct apply *a);

#endif
