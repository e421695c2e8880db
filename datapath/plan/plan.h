/* The difference between the wanted and the observed model, as a plan.
 *
 * Pure: no I/O, no clock, no log. Running a plan's steps and planning again gives no
 * steps. */
#ifndef DATAPATH_PLAN_H
#define DATAPATH_PLAN_H 1

#include "datapath/model.h"
#include "datapath/plan/plan_step.h"
#include "lib/arena.h"

/* Both models must be sorted (model_is_sorted()) and outlive the plan; everything is
 * allocated from 'a'.
 *
 * 'have' was observed with 'want' as its scope. A device of ours that is in 'have' and in
 * no row of 'want' is a leftover, and is removed. 'want' may hold a part of the
 * configuration. Each namespace in it then comes with all of its slaves, because
 * resolv.conf and the removal of the namespace depend on all of them.
 *
 * Ownership: steps touch devices that are MODEL_OURS, routes with our protocol number,
 * namespaces that are 'is_ours' and unchanged, and a resolv.conf that ipvl wrote. A
 * master is set up when the first slave is made on it, and never again: if somebody takes
 * it down later, that is intended. */
void plan_build(const struct model *want, const struct model *have, struct arena *a,
		struct plan **ret_plan);

#endif
