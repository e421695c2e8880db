/* From verdicts and results to status, drift and retries: the order of the parts
 * (settle_private.h). */
#include "reconciler/settle/settle_private.h"

#include "reconciler/drift/drift.h"
#include "reconciler/drift/drift_text.h"

#include <string.h>

enum row_state settle_state(enum plan_verdict_kind kind)
{
	switch (kind) {
	case PLAN_READY:
	case PLAN_WORK:
		return STATE_READY;
	case PLAN_WAITING:
		return STATE_WAITING;
	case PLAN_CONFLICT:
		return STATE_CONFLICT;
	case PLAN_ERROR:
		return STATE_ERROR;
	case PLAN_DISABLED:
		return STATE_DISABLED;
	case PLAN_DRIFTED:
		return STATE_DRIFTED;
	}
	return STATE_UNKNOWN;
}

static void settle_steps(struct settle_work *w)
{
	const struct step_summary *o = w->in->steps;
	bool is_drift = *settle_drift_evidence(w->in);

	if (!o)
		return;
	if (o->error && is_drift && w->in->contest.is_on) {
		settle_contest_hold(w);
		return;
	}
	if (o->error) {
		settle_retry_failed(w);
		return;
	}
	settle_device_done(w);
	/* A repair may lose something without an event (kernel.md 8): look once more,
	 * and later and later if there is always something to do. */
	if (o->was_made)
		w->out->next = SETTLE_SUCCEEDED;
	else if (w->in->causes == KEY_LOOK)
		w->out->next = SETTLE_FAILED;
	else
		w->out->look_again = true;
	if (is_drift && (w->in->contest.is_on || w->in->n_repairs >= DRIFT_CONTEST_TIMES))
		settle_contest_hold(w);
}

/* An address that was a duplicate and was added once more: the kernel has no verdict yet. */
static bool is_being_tried(const struct settle_case *in)
{
	return in->verdict->kind == PLAN_READY &&
	       settle_retry_has_noted(in->verdict, MODEL_ADDRESS_TENTATIVE) &&
	       in->state == STATE_ERROR;
}

/* No work, or none that failed. A slave in conflict about one address or route has its
 * device and everything else. */
static void settle_rest(struct settle_work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct step_summary *o = w->in->steps;

	if (is_being_tried(w->in)) {
		w->out->status.state = STATE_ERROR;
		w->out->status.message = w->in->message;
		return;
	}
	if (v->kind == PLAN_ERROR && o &&
	    settle_retry_has_noted(v, MODEL_ADDRESS_DUPLICATE)) {
		settle_retry_duplicate(w);
		return;
	}
	w->out->next = SETTLE_SUCCEEDED;
	/* What it waits for may have appeared there since, without an event. */
	w->out->look_again = w->in->has_new_netns && w->in->causes != KEY_LOOK;
	if (!o || (v->kind != PLAN_CONFLICT && v->kind != PLAN_ERROR) ||
	    settle_device_was_removed(o))
		return;
	settle_device_done(w);
	/* A foreign object in the way of a device sends events only once the device
	 * exists. */
	w->out->look_again = o->was_made;
}

/* A device that moved while its two namespaces were read, one after the other, was seen in
 * neither: the row goes at the second look. */
static void settle_spent(struct settle_work *w)
{
	if (w->in->state == STATE_WAITING &&
	    !strcmp(w->in->message, w->in->verdict->message))
		w->out->removes_row = true;
	else
		w->out->look_in_ms = SETTLE_SPENT_MS;
}

/* A row is settled once a pass finds it as declared, and has nothing to do. */
static void settle_record(struct settle_work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const char *netns = v->slave ? v->slave->netns : v->master->netns;

	if (v->slave && v->slave->is_transient) {
		/* With the state, so that whoever has read that finds it removed later. */
		if (w->out->status.state == STATE_READY && !v->slave->was_made)
			w->out->record = SETTLE_RECORD_NOTE;
		else if (v->kind == PLAN_DISABLED)
			w->out->record = SETTLE_RECORD_FORGET;
	} else if (settle_drift_policy(v) == MODEL_DRIFT_REPAIR) {
		w->out->record = SETTLE_RECORD_FORGET;
	} else if (v->kind == PLAN_WORK && w->in->steps && !w->in->steps->error) {
		w->out->look_again = true;
	} else if (*drift_text_lost_netns(w->in->have, netns, w->a)) {
		w->out->record = SETTLE_RECORD_LOST_NETNS;
	} else if (v->kind == PLAN_READY && w->out->status.state == STATE_READY) {
		w->out->record = SETTLE_RECORD_NOTE;
	}
}

static void settle_one(const struct settle_case *in, struct settlement *out,
		       struct arena *a)
{
	struct settle_work w = {.in = in, .out = out, .a = a};
	const struct plan_verdict *v = in->verdict;

	*out = (struct settlement){
		.of = in,
		.status = {.state = settle_state(v->kind),
			   .message = v->message,
			   .warnings = v->warnings,
			   .n_warnings = v->n_warnings,
			   .link_state = ""},
	};
	if (!settle_device_was_removed(in->steps))
		settle_device_found(&w);
	if (v->kind == PLAN_WORK)
		settle_steps(&w);
	else if (in->steps && in->steps->error)
		settle_retry_failed(&w);
	else
		settle_rest(&w);
	if (v->kind == PLAN_WORK || v->kind == PLAN_CONFLICT)
		settle_drift_repair(&w);
	if (v->kind == PLAN_DRIFTED)
		settle_drift_left(&w);
	if (v->is_spent)
		settle_spent(&w);
	settle_contest_truce(&w);
	settle_record(&w);
	settle_drift_others(&w);
}

struct settlement *settle(const struct settle_case *cases, size_t n, struct arena *a)
{
	struct settlement *all = arena_array(a, n, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		settle_one(&cases[i], &all[i], a);
	return all;
}

bool settle_is_pending(enum row_state state, unsigned int causes)
{
	/* One in error stays so while it is tried once more. */
	if (state == STATE_ERROR)
		return causes & KEY_CONFIG;
	return state != STATE_READY && state != STATE_CONTESTED;
}
