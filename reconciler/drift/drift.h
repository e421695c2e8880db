/* Drift: what somebody else changed, who it was if the kernel reports it, and what was
 * done about it.
 *
 * Events of the datapath only show who changed an object, and when. What is there is
 * always read from the kernel. When a pass repairs an object that was ready, the
 * latest event about it becomes part of the record (table Drift, the newest
 * DRIFT_MAX_ROWS). */
#ifndef RECONCILER_DRIFT_DRIFT_H
#define RECONCILER_DRIFT_DRIFT_H 1

#include "config/rows.h"
#include "datapath/datapath.h"
#include "lib/arena.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/wanted/key.h"

#include <stdbool.h>
#include <stdint.h>

#define DRIFT_MAX_ROWS 1000
/* For so many objects the repairs are counted; of more, the one that drifted longest
 * ago is forgotten. The names of pods may never come to an end. */
#define DRIFT_MAX_OBJECTS 4096
/* So many repairs of one object within so long are the begin of a contest: its row becomes
 * `contested`. */
#define DRIFT_CONTEST_TIMES     5
#define DRIFT_CONTEST_WINDOW_MS 10000
/* So long after a repair that nobody undid, the contest is over. */
#define DRIFT_CONTEST_QUIET_MS 4000

struct drift_log;

/* Borrows 'columns'. */
struct drift_log *drift_log_new(const struct ipvl_columns *columns)
	__attribute__((warn_unused_result));
void drift_log_free(struct drift_log *d); /* accepts NULL */

/* Records who changed the event's object. A pass may find a change before its event
 * arrives, and write the row without its cause: true if 'e' is about such a change, of a
 * moment before, and drift_name_cause() is to write it. */
bool drift_note_event(struct drift_log *d, const struct datapath_event *e,
		      int64_t now_ms);
/* Sets Drift.actor of that row, in 't'; false if there is no such row. */
bool drift_name_cause(struct drift_log *d, struct txn *t, const struct datapath_event *e,
		      int64_t now_ms);

/* A pass has handled the events about 'key' before 'before_ms' without a repair: they
 * were ipvl's own, or changed nothing. */
void drift_forget(struct drift_log *d, const struct key *key, int64_t before_ms);

struct drift {
	const struct key *key;
	const char *object; /* "ns1/ipvl1", "eno2" */
	/* What was found: "address 10.0.0.2/24 removed". */
	const char *found;
	/* "back", "made again", "not yet put right", DRIFT_LEFT. */
	const char *action;
};
/* Inserts a row in 't' (the daemon's), or counts up the last one if it is the same.
 * '*ret_actor' (in 'a') is who did it, "" if unknown. Returns how many repairs of this
 * key the window holds. */
unsigned int drift_record(struct drift_log *d, struct txn *t, const struct drift *drift,
			  int64_t now_ms, struct arena *a, const char **ret_actor);
/* The same for what ipvl leaves as it is (DRIFT_LEFT): it is no repair, and counts for
 * no contest. Returns who did it. */
const char *drift_note(struct drift_log *d, struct txn *t, const struct drift *drift,
		       int64_t now_ms, struct arena *a);
/* The value that drift_record() would return at 'now_ms'. */
unsigned int drift_count_with(const struct drift_log *d, const struct key *key,
			      int64_t now_ms);
/* The actor that drift_record() and drift_note() would record now; "" if unknown. In
 * 'a'. */
const char *drift_actor(const struct drift_log *d, const struct key *key, int64_t now_ms,
			struct arena *a);
/* The contest about a key. */
struct drift_contest {
	bool is_on;
	/* Repairs since it began. */
	unsigned int rounds;
	/* How often the object was undone, with what the next repair finds. */
	unsigned int times;
	int64_t since_wall_ms;
	/* The last one that was named; "" if none was. */
	const char *opponent;
	/* How long nobody must undo it for the contest to be over; 0: it is over. */
	int64_t wait_ms;
};
/* Strings are in 'a'. */
struct drift_contest drift_contest(const struct drift_log *d, const struct key *key,
				   int64_t now_ms, struct arena *a);
/* A contested object was repaired: the contest begins, or goes on. 'c' is the contest before
 * that repair was recorded. */
void drift_contest_note(struct drift_log *d, const struct key *key,
			const struct drift_contest *c, int64_t now_ms);
void drift_contest_end(struct drift_log *d, const struct key *key);

size_t drift_n_objects(const struct drift_log *d);
#define DRIFT_LEFT "left as it is" /* ctl/commands/cmd_show.c has the same text */

#endif
