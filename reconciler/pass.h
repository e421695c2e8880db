/* One pass as a value: the keys that were taken, what is wanted, what was found, the
 * plan, and its results. */
#ifndef RECONCILER_PASS_H
#define RECONCILER_PASS_H 1

#include "datapath/apply.h"
#include "config/state.h"
#include "datapath/datapath.h"
#include "lib/arena.h"
#include "reconciler/wanted/netns_registry.h"
#include "reconciler/wanted/desired.h"
#include "reconciler/wanted/grace.h"
#include "reconciler/settle/step_summary.h"
#include "reconciler/queue.h"

#include <stdbool.h>
#include <stdint.h>

/* The row of a verdict, when the plan was made. */
struct pass_row {
	struct uuid uuid;
	enum row_state state;
};

struct pass {
	struct arena *a;
	struct key *keys; /* taken; in 'a' */
	size_t n_keys;
	bool everything;
	int64_t started_ms;
	/* Of the Host row when the keys were taken. */
	int64_t next_cfg;
	struct desired *desired;
	struct model *have;
	struct plan *plan;
	struct apply *apply;
	/* Of each verdict, for a pass that is done in slices; a UUID of zeros: it had none. NULL:
	 * it is done in one, and no row has changed. */
	struct pass_row *rows_before;
	bool is_pending; /* its rows say so */
	/* Devices that leftovers.h keeps. */
	size_t n_leftovers;
	/* Keys by name; private. */
	struct key_ref *refs;
};

struct pass *pass_new(void) __attribute__((warn_unused_result));
void pass_free(struct pass *p); /* accepts NULL */

/* Takes the keys that are due. */
void pass_take(struct pass *p, struct queue *q);

/* What is wanted and what is found, of the keys and of everything that they reach
 * (reach.h), which is added to them. */
struct err *pass_observe(struct pass *p, const struct desired_source *source,
			 struct datapath *dp) MUST_CHECK;
/* The difference. 'keep_leftovers': see leftovers.h. */
void pass_plan(struct pass *p, const struct desired_source *source, struct grace *grace,
	       bool keep_leftovers);

/* Records what a text that leads through a process leads to, before anything is done
 * there. */
struct err *pass_bind(const struct pass *p, struct netns_registry *registry) MUST_CHECK;
/* Registers the namespaces that the plan makes, before it is run; afterwards records
 * their inodes, and unregisters removed ones and those that are given up. */
struct err *pass_reserve_netns(const struct pass *p,
			       struct netns_registry *registry) MUST_CHECK;
struct err *pass_settle_netns(const struct pass *p,
			      struct netns_registry *registry) MUST_CHECK;
/* Makes the new namespaces known to 'aliases'. */
void pass_note_made(const struct pass *p, struct aliases *aliases);

/* The causes for which the object's key was taken; 0 if it was added by
 * pass_observe(). */
unsigned int pass_causes(const struct pass *p, enum key_kind kind, const char *netns,
			 const char *name);

#endif
