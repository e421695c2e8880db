/* The log's lines about rows: each change of a state, and each warning that comes or
 * goes.
 *
 * Events (docs/events.md): `state_changed object= from= to= reason=`, `warning_raised`
 * and `warning_cleared object= warning=`. What befalls many rows of one transaction alike
 * is one line, with the first of them and `objects=N`: ten thousand slaves that become
 * ready at a start, or wait for one master, are one thing to who reads the journal.
 * Troubles come first. */
#ifndef RECONCILER_NOTICES_H
#define RECONCILER_NOTICES_H 1

#include "config/rows.h"
#include "lib/arena.h"
#include "ovsdb-lite/rows/txn.h"

/* So many rows alike have a line each; more of them share one. */
#define NOTICES_ALIKE_MAX 5

/* What stands in a message before the time of the next try, which is no news. */
#define NOTICES_NEXT_TRY "; next try in "

struct notices;

/* What 't', not yet committed, changes. In 'a', but for what notices_clear() frees. */
struct notices *notices_of(const struct ipvl_columns *c, const struct txn *t,
			   struct arena *a);
void notices_log(const struct notices *n);
void notices_clear(struct notices *n);

#endif
