/* A contest in words, and how long its object is held back. */
#ifndef RECONCILER_CONTEST_H
#define RECONCILER_CONTEST_H 1

#include "lib/arena.h"
#include "reconciler/drift.h"

#include <stdint.h>

/* The doubling of the backoff (queue_hold()) after the next repair. */
unsigned int contest_hold(const struct drift_contest *c);
/* "undone 7 times since 20:14:03 by `ip` (pid 12, uid 0)". 'actor': of the last time; ""
 * if unknown. */
const char *contest_text(const struct drift_contest *c, unsigned int times,
			 const char *actor, struct arena *a);
/* The same, with what was found, and when the next repair is due. */
const char *contest_text_held(const struct drift_contest *c, const char *actor,
			      const char *found, int64_t wall_ms, struct arena *a);

#endif
