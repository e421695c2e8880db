/* One pass: a value that holds what was taken from the queue, wanted, found, planned and
 * done. */
#ifndef RECONCILER_PASS_H
#define RECONCILER_PASS_H 1

#include "datapath/apply.h"
#include "datapath/datapath.h"
#include "lib/arena.h"
#include "reconciler/netns_registry.h"
#include "reconciler/desired.h"
#include "reconciler/grace.h"
#include "reconciler/step_summary.h"
#include "reconciler/queue.h"

#include <stdbool.h>
#include <stdint.h>

struct pass {
	struct arena *a;
	struct key *keys; /* taken; in 'a' */
	size_t n_keys, keys_cap;
	bool everything;
	int64_t started_ms;
	int64_t next_cfg; /* of the Host row when the keys were taken */
	struct desired *desired;
	struct model *have;
	struct plan *plan;
	struct apply *apply;
	bool told_pending;
	size_t n_leftovers;   /* that were set aside */
	struct key_ref *refs; /* keys by name; private */
};

struct pass *pass_new(void) __attribute__((warn_unused_result));
void pass_free(struct pass *p); /* accepts NULL */

/* What is wanted and what is found, of the keys and of all that they concern: a first look shows
 * what else must be looked at, and it is then looked at together. */
struct err *pass_observe(struct pass *p, const struct desired_source *source,
			 struct datapath *dp) MUST_CHECK;
/* The difference. 'keep_leftovers': see leftovers.h. */
void pass_plan(struct pass *p, const struct desired_source *source, struct grace *grace,
	       bool keep_leftovers);

/* Texts that lead through a process are bound to what they led to: before anything is
 * done in it. */
struct err *pass_bind(const struct pass *p, struct netns_registry *registry) MUST_CHECK;
/* Namespaces that the plan makes are written down before, with their inodes after;
 * removed ones are struck out. */
struct err *pass_reserve_netns(const struct pass *p,
			       struct netns_registry *registry) MUST_CHECK;
struct err *pass_settle_netns(const struct pass *p,
			      struct netns_registry *registry) MUST_CHECK;
/* Those made are other texts' namespaces too from now on. */
void pass_note_made(const struct pass *p, struct aliases *aliases);

/* The causes for which the object's key was taken; 0 if it came along with another. */
unsigned int pass_causes(const struct pass *p, enum key_kind kind, const char *netns,
			 const char *name);

#endif
