/* A contest in words, and how long its object is held back. */
#ifndef RECONCILER_SETTLE_CONTEST_H
#define RECONCILER_SETTLE_CONTEST_H 1

#include "lib/arena.h"
#include "reconciler/drift/drift.h"
#include "reconciler/settle/step_summary.h"

#include <stdint.h>

/* The doubling of the backoff (queue_hold()) after the next repair. */
unsigned int contest_hold(const struct drift_contest *c);
/* Who undoes it. */
struct contest_side {
	/* Of the last time; "" if unknown. */
	const char *actor;
	/* If it is about a port: an ipvlan on it that is not ours; "" if none was found. */
	const char *stranger;
};
/* Borrows all. 'steps' NULL: there were none. */
struct contest_side contest_side(const char *actor, const struct plan_verdict *v,
				 const struct step_summary *steps);

/* "undone 7 times since 20:14:03 by `ip` (pid 12, uid 0)". */
const char *contest_text(const struct drift_contest *c, unsigned int times,
			 const struct contest_side *other, struct arena *a);
/* The same, with what was found, and when the next repair is due. */
const char *contest_text_held(const struct drift_contest *c,
			      const struct contest_side *other, const char *found,
			      int64_t wall_ms, struct arena *a);

#endif
