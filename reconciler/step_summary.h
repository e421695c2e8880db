/* How a plan went, object by object: steps and results summed up, in words for people. */
#ifndef RECONCILER_STEP_SUMMARY_H
#define RECONCILER_STEP_SUMMARY_H 1

#include "datapath/plan/plan.h"
#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct step_summary {
	const void *object; /* hash key: the model_slave or model_master that the steps
			       name */
	size_t n_steps;     /* of this object */
	bool was_disruptive;
	bool was_made;    /* LINK_ADD or VLAN_ADD succeeded */
	uint32_t ops;     /* bit (1 << op) of each op done */
	uint32_t ifindex; /* of LINK_ADD; 0 if none */
	const char *
		found; /* what was done to it, joined: at most STEP_SUMMARY_MAX_REASONS */
	/* Of that, what cannot have been missing because something else was in its place:
	 * evidence also of what is in conflict. */
	const char *changed;
	const struct err *error; /* the first failure, or that of the step it depends on;
				    borrowed */
};

#define STEP_SUMMARY_MAX_REASONS 3

struct step_summaries;

/* 'results' NULL: nothing was run; only the reasons are known. All in 'a'; borrows the
 * rest. */
struct step_summaries *step_summaries_build(const struct plan *plan,
					    const struct plan_result *results,
					    struct arena *a);
/* Releases what is not in the arena. Accepts NULL. */
void step_summaries_free(struct step_summaries *o);
/* Of a wanted slave or master; NULL if there were no steps for it. */
const struct step_summary *step_summaries_find(const struct step_summaries *o,
					       const void *object);
/* All of them: begin with NULL; NULL at the end. */
const struct step_summary *step_summaries_next(const struct step_summaries *o,
					       const struct step_summary *after);

/* The object that a step is about; NULL of a namespace's. */
const void *step_summary_object(const struct plan_step *s);

#endif
