/* Drift: what somebody else changed, who it was if the kernel tells, and what was done
 * about it.
 *
 * The datapath's events are heard as events: they say who and when, and are never
 * believed as to what is there. When a pass finds something to repair on an object that
 * was ready, the latest event about it becomes part of the record (table Drift, the
 * newest DRIFT_MAX_ROWS). */
#ifndef RECONCILER_DRIFT_H
#define RECONCILER_DRIFT_H 1

#include "config/rows.h"
#include "datapath/datapath.h"
#include "lib/arena.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/key.h"

#include <stdint.h>

#define DRIFT_MAX_ROWS 1000
/* Of so many it is known how often they drifted. Names may be made up anew for ever: the
 * one that drifted longest ago is forgotten. */
#define DRIFT_MAX_OBJECTS 4096
/* So many repairs of one object within so long are a contest: see drift_is_contested().
 */
#define DRIFT_CONTEST_TIMES     5
#define DRIFT_CONTEST_WINDOW_MS 10000

struct drift_log;

/* Borrows 'columns'. */
struct drift_log *drift_log_new(const struct ipvl_columns *columns)
	__attribute__((warn_unused_result));
void drift_log_free(struct drift_log *d); /* accepts NULL */

/* Remembers who did it; looks the process up while it may still be there. */
void drift_note_event(struct drift_log *d, const struct datapath_event *e,
		      int64_t now_ms);

/* What was heard of 'key' before 'before_ms' has been looked into, and nothing had to be
 * repaired: it was our own doing, or nothing. */
void drift_forget(struct drift_log *d, const struct key *key, int64_t before_ms);

struct drift {
	const struct key *key;
	const char *object; /* "ns1/ipvl1", "eno2" */
	const char *found;  /* what was found, from the plan: "address 10.0.0.2/24 is
			       missing" */
	const char *action; /* "back", "made again", "set again" */
};
/* Writes a row into 't' (the daemon's), or counts up the last one if it says the same.
 * '*ret_actor' (in 'a') says who it was, "" if unknown. Returns how many repairs of this
 * key the window holds. */
unsigned int drift_record(struct drift_log *d, struct txn *t, const struct drift *drift,
			  int64_t now_ms, struct arena *a, const char **ret_actor);
/* The same of what is not ipvl's to put right, DRIFT_LEFT: no repair, and no contest.
 * Returns who it was. */
const char *drift_note(struct drift_log *d, struct txn *t, const struct drift *drift,
		       int64_t now_ms, struct arena *a);
/* What drift_record() would return now: the repairs in the window, with one at 'now_ms'. */
unsigned int drift_count_with(const struct drift_log *d, const struct key *key,
			      int64_t now_ms);
/* Who drift_record() and drift_note() would name now; "" if unknown. In 'a'. */
const char *drift_actor(const struct drift_log *d, const struct key *key, int64_t now_ms,
			struct arena *a);
size_t drift_n_objects(const struct drift_log *d);
#define DRIFT_LEFT "left as it is" /* ctl/commands/cmd_show.c has it too */

#endif
