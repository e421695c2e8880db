/* How a plan went, object by object: steps and results summed up, as text for users. */
#ifndef RECONCILER_SETTLE_STEP_SUMMARY_H
#define RECONCILER_SETTLE_STEP_SUMMARY_H 1

#include "datapath/plan/plan.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct step_summary {
	/* Hash key: the model_slave or model_master of the steps. */
	const void *object;
	size_t n_steps; /* of this object */
	bool was_disruptive;
	/* LINK_ADD or MASTER_ADD succeeded. */
	bool was_made;
	/* Bit (1 << op) of each op that succeeded. */
	uint32_t ops;
	/* One of these changed what all slaves of a namespace have: resolv.conf, a rule, or a
	 * route without a device. */
	bool has_changed_shared;
	/* Some step by which it changes hands was not done. */
	bool is_transfer_left;
	/* Of LINK_ADD; 0 if none. */
	uint32_t ifindex;
	uint8_t mac[6];
	/* That it has now; 0: no step has set it. */
	uint32_t mtu;
	/* What was done to it: at most STEP_SUMMARY_MAX_REASONS, joined by commas. */
	const char *found;
	/* The part of it that a foreign object cannot have caused by being in the way:
	 * evidence of drift also for an object in conflict. */
	const char *changed;
	/* The first failure, or that of the step it depends on; borrowed. */
	const struct err *error;
};

#define STEP_SUMMARY_MAX_REASONS 3

struct step_summaries;

/* 'results' NULL: the plan was not run, and only the reasons are known. Everything is
 * in 'a'; borrows the rest. */
struct step_summaries *step_summaries_build(const struct plan *plan,
					    const struct plan_result *results,
					    struct arena *a);
/* The same of the steps that are not run (plan->held). */
struct step_summaries *step_summaries_build_held(const struct plan *plan,
						 struct arena *a);
/* Releases what is not in the arena. Accepts NULL. */
void step_summaries_free(struct step_summaries *o);
/* Of a wanted slave or master; NULL if there are no steps for it. */
const struct step_summary *step_summaries_find(const struct step_summaries *o,
					       const void *object);
/* The MTU that a step has given the master; 0 if none has. */
uint32_t step_summaries_mtu(const struct step_summaries *o,
			    const struct model_master *master);
/* All of them: begin with NULL; NULL at the end. */
const struct step_summary *step_summaries_next(const struct step_summaries *o,
					       const struct step_summary *after);

/* The object that a step is about; NULL for a step about a namespace. */
const void *step_summary_object(const struct plan_step *s);

#endif
