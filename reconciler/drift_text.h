/* What somebody else did, told from the step that undoes it. A plan's own `why` says what
 * is found now
 * ("address 10.0.0.2/24 is missing"); drift tells what happened ("address 10.0.0.2/24
 * removed"). */
#ifndef RECONCILER_DRIFT_TEXT_H
#define RECONCILER_DRIFT_TEXT_H 1

#include "datapath/plan/plan.h"
#include "lib/arena.h"

/* A participle clause that "by …" can follow. From 'a'; "" where the step is no evidence
 * of a change; never NULL. */
const char *drift_text_found(const struct plan_step *s, struct arena *a);

/* The same of a master that is waited for, from what was found. */
const char *drift_text_lost_master(const struct model *have,
				   const struct model_master *want, struct arena *a);

#endif
