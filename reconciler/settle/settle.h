/* What the results of a pass mean: the status of each row, what was drift, and what
 * happens to each key next. A function of its arguments: it reads no row, no kernel
 * and no clock. */
#ifndef RECONCILER_SETTLE_SETTLE_H
#define RECONCILER_SETTLE_SETTLE_H 1

#include "datapath/plan/plan.h"
#include "lib/arena.h"
#include "reconciler/wanted/key.h"
#include "reconciler/drift/drift.h"
#include "reconciler/status.h"
#include "reconciler/settle/step_summary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel decides about an address within two seconds, and keeps a duplicate for as
 * long again. A slave that waits for its address should not wait much longer than
 * that. */
#define SETTLE_DUPLICATE_RETRY_MIN_MS 4000
#define SETTLE_DUPLICATE_RETRY_MAX_MS 10000

/* Between the two looks for a device that seems to be gone. */
#define SETTLE_SPENT_MS 1000

/* One object at the end of its pass, and its row as it was before. All borrowed. */
struct settle_case {
	const struct plan_verdict *verdict;
	/* Of a slave: the verdict of its master. NULL of a master. */
	const struct plan_verdict *master;
	/* What was done; NULL: there was nothing to do. */
	const struct step_summary *steps;
	/* What is not repaired: of PLAN_DRIFTED. */
	const struct step_summary *held;
	/* Of a slave: the MTU that a step gave its master, and by that the slave (kernel.md
	 * 6); 0: none did. */
	uint32_t master_mtu;
	/* Of a slave that waits: this pass made its namespace, and has observed nothing there. */
	bool has_new_netns;
	/* As found. */
	const struct model *have;
	/* Of enum key_cause: of its key, and KEY_CONFIG if that is its master's. */
	unsigned int causes;
	/* Of its key, in a row, before this pass. */
	unsigned int failures;
	/* How many repairs the window of contests holds, if this pass made one. */
	unsigned int n_repairs;
	struct drift_contest contest;
	/* The time of day, for texts. */
	int64_t wall_ms;
	/* Who changed it last, by the datapath's events; "" if unknown. */
	const char *actor;
	enum row_state state;
	const char *message;
	const char *const *warnings;
	size_t n_warnings;
	uint32_t ifindex;
	bool was_down; /* its link_state */
};

/* What happens to a key; the functions are queue.h's. */
enum settle_next {
	SETTLE_NOTHING,
	SETTLE_SUCCEEDED,  /* queue_succeeded() */
	SETTLE_FAILED,     /* queue_failed() */
	SETTLE_RETRY_SOON, /* queue_retry(), for a duplicate address */
	SETTLE_GAVE_UP,    /* queue_gave_up() */
};

/* What becomes of the row's record in the table Settled. */
enum settle_record {
	SETTLE_RECORD_KEEP,
	SETTLE_RECORD_NOTE,       /* settled_note() */
	SETTLE_RECORD_LOST_NETNS, /* settled_note_lost_netns() */
	SETTLE_RECORD_FORGET,     /* settled_forget() */
};

/* A row of the table Drift to be written, or to be counted up. */
struct settle_drift {
	const char *found, *action;
	/* The event of the log; NULL: none. */
	const char *event;
	/* Counts towards a contest. */
	bool is_repair;
};

struct settlement {
	const struct settle_case *of;
	struct status status;
	enum settle_next next;
	enum settle_record record;
	/* After 'next': the key is marked for another look (queue_mark()). */
	bool look_again;
	/* After both: the key is held back (queue_hold()), and the contest goes on
	 * (drift_contest_note()); 0: it is not. */
	unsigned int hold;
	/* After all: the key is looked at then (queue_look_in()); 0: it is not. */
	int64_t look_in_ms;
	/* The row is removed. */
	bool removes_row;
	/* The contest is over (drift_contest_end()). */
	bool ends_contest;
	/* Everything is to be read again: a device of ours may be under another name. */
	bool look_everywhere;
	/* The status is a failure that the row did not show before. */
	bool is_new_failure;
	struct settle_drift *drifts;
	size_t n_drifts;
};

/* The state that a verdict means for a row, before any step is run: PLAN_WORK means ready. */
enum row_state settle_state(enum plan_verdict_kind kind);

/* One settlement for each case, in their order; in 'a'. */
struct settlement *settle(const struct settle_case *cases, size_t n, struct arena *a);

/* The pass takes longer than a slice of the loop: true if a row with work becomes pending. A
 * ready row stays ready while drift is repaired, and a contested one contested: settle()
 * looks at the state before. */
bool settle_is_pending(enum row_state state, unsigned int causes);

#endif
