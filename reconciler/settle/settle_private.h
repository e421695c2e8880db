/* The parts of settle.c, each about one case and the settlement that is being made of it. None
 * calls another. */
#ifndef RECONCILER_SETTLE_SETTLE_PRIVATE_H
#define RECONCILER_SETTLE_SETTLE_PRIVATE_H 1

#include "reconciler/settle/settle.h"

struct settle_work {
	const struct settle_case *in;
	struct settlement *out;
	struct arena *a;
	size_t drifts_cap;
};

/* What is done about its drift. */
static inline enum model_drift settle_drift_policy(const struct plan_verdict *v)
{
	return v->slave ? v->slave->drift : v->master->drift;
}

/* The device: what the row shows of it, as found before the plan was run ... */
void settle_device_found(struct settle_work *w);
/* ... and after its steps were done. */
void settle_device_done(struct settle_work *w);
/* The device that was found is gone, and there is no new one: the slave was disabled,
 * or it waits for a master while another slave needs its address. */
bool settle_device_was_removed(const struct step_summary *o);

/* Drift: what somebody else undid, "" if nothing. For an object that was in conflict, a
 * missing part may have been kept out by the conflict, and is no evidence. */
const char *settle_drift_evidence(const struct settle_case *in);
/* What was repaired, or could not be. */
void settle_drift_repair(struct settle_work *w);
/* What is not ipvl's to repair: a master that is gone, a namespace that is, new warnings. */
void settle_drift_others(struct settle_work *w);
/* What differs is drift, and is left as it is: recorded once, and again if it changes. */
void settle_drift_left(struct settle_work *w);

/* Contests: somebody keeps undoing it, and it is held back. */
void settle_contest_hold(struct settle_work *w);
/* A contested row that is as declared now stays contested until its opponent had time to
 * undo it once more. */
void settle_contest_truce(struct settle_work *w);

/* Retries: a step failed. */
void settle_retry_failed(struct settle_work *w);
/* One of the declared addresses was found with one of 'notes'. */
bool settle_retry_has_noted(const struct plan_verdict *v, unsigned int notes);
/* An address that another host has was added once more: the kernel probes once, and
 * sends no event when the other host has gone. */
void settle_retry_duplicate(struct settle_work *w);

#endif
