/* The log's lines about rows: each change of a state, and each warning that appears or
 * ends.
 *
 * Events (docs/events.md): `state_changed object= from= to= reason=`, `warning_raised`
 * and `warning_cleared object= warning=`. A change that many rows of one transaction
 * share is one line, with the first of them and `objects=N`: ten thousand slaves
 * become ready at a start, or wait for one master. Failures come first. */
#ifndef RECONCILER_NOTICES_H
#define RECONCILER_NOTICES_H 1

#include "config/rows.h"
#include "lib/arena.h"
#include "ovsdb-lite/rows/txn.h"

/* Up to so many rows with the same change have a line each; more share one. */
#define NOTICES_ALIKE_MAX 5

/* A message continues with this and a time; a new time alone is not logged. */
#define NOTICES_NEXT_TRY "; next try in "

struct notices;

/* The changes of 't', which is not yet committed. In 'a', except what notices_clear()
 * frees. */
struct notices *notices_of(const struct ipvl_columns *c, const struct txn *t,
			   struct arena *a);
void notices_log(const struct notices *n);
void notices_clear(struct notices *n);

#endif
