/* From verdicts and results to status, drift and retries. */
#include "reconciler/settle.h"

#include "datapath/link_type.h"
#include "lib/alloc.h"
#include "reconciler/contest.h"
#include "reconciler/drift.h"
#include "reconciler/drift_text.h"
#include "reconciler/notices.h"
#include "reconciler/queue.h"
#include "reconciler/retry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Once the wait for an address in use has become this long, everything is read, once. */
#define STRAY_SUSPECTED_MS (4 * QUEUE_BACKOFF_MIN_MS)
/* The backoff doubles from its minimum: the wait takes this value once. */
_Static_assert(STRAY_SUSPECTED_MS < QUEUE_BACKOFF_MAX_MS, "the wait reaches it");
_Static_assert(SETTLE_DUPLICATE_RETRY_MIN_MS <= SETTLE_DUPLICATE_RETRY_MAX_MS, "a range");

/* A case, and the settlement that is being made of it. */
struct work {
	const struct settle_case *in;
	struct settlement *out;
	struct arena *a;
	size_t drifts_cap;
};

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

static const char *seconds(const struct work *w, int64_t ms)
{
	return ms < 1000 ? arena_printf(w->a, "%" PRId64 " ms", ms)
			 : arena_printf(w->a, "%" PRId64 " s", ms / 1000);
}

static bool has_text(const char *const *texts, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(texts[i], text))
			return true;
	}
	return false;
}

static enum model_drift drift_of(const struct plan_verdict *v)
{
	return v->slave ? v->slave->drift : v->master->drift;
}

/* The device. */

/* As found before the plan was run. The link of a slave on another master is not shown: that
 * device is to go, and no event about its own master leads to this row. */
static void describe_found(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct model_slave *slave = v->have;
	const struct model_master *master = v->have_master;
	struct status *s = &w->out->status;

	if (v->slave && slave && slave->seen.presence == MODEL_OURS) {
		s->ifindex = slave->seen.ifindex;
		if (!slave->seen.is_on_master)
			return;
		s->mac = slave->seen.mac;
		s->mtu = link_type_mtu_after(link_type_of(v->master), slave->seen.mtu,
					     w->in->master_mtu);
		s->link_state =
			status_link_state(slave->seen.is_up, slave->seen.has_carrier);
	} else if (!v->slave && master && master->seen.presence != MODEL_ABSENT) {
		s->device = model_master_device(master);
		s->ifindex = master->seen.ifindex;
		s->mac = master->seen.mac;
		s->mtu = master->seen.mtu;
		s->link_state =
			status_link_state(master->seen.is_up, master->seen.has_carrier);
	}
}

/* It was made, or found. A slave may have steps without a device: those of resolv.conf. */
static bool has_device(const struct settle_case *in)
{
	const struct plan_verdict *v = in->verdict;

	if (in->steps->was_made)
		return true;
	if (v->slave)
		return v->have && v->have->seen.presence == MODEL_OURS;
	return v->have_master && v->have_master->seen.presence != MODEL_ABSENT;
}

/* After the steps were done. */
static void describe_done(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct step_summary *o = w->in->steps;
	const struct model_master *master = v->have_master;
	struct status *s = &w->out->status;

	if (!has_device(w->in))
		return;
	if (o->was_made && v->slave && master) {
		s->ifindex = o->ifindex;
		s->mac = master->seen.mac;
		s->mtu = link_type_mtu(v->master, v->slave->mtu, master->seen.mtu);
	}
	if (o->mtu)
		s->mtu = o->mtu;
	if (!strcmp(s->link_state, "down") || !*s->link_state)
		s->link_state = "up";
}

/* The device that was found is gone, and there is no new one: the slave was disabled,
 * or it waits for a master while another slave needs its address. */
static bool was_removed(const struct step_summary *o)
{
	return o && (o->ops & (1U << PLAN_OP_LINK_DEL)) && !o->was_made;
}

/* One of the declared addresses was found with one of 'notes'. */
static bool has_noted(const struct plan_verdict *v, unsigned int notes)
{
	for (size_t i = 0; v->slave && v->have && i < v->slave->n_addresses; i++) {
		const struct model_address_seen *seen =
			model_find_noted(v->have, &v->slave->addresses[i]);

		if (seen && seen->notes & notes)
			return true;
	}
	return false;
}

/* Drift. */

static void add_drift(struct work *w, const struct settle_drift *d)
{
	struct settlement *s = w->out;

	s->drifts = arena_grow(w->a, s->drifts, s->n_drifts, &w->drifts_cap,
			       sizeof(*s->drifts));
	s->drifts[s->n_drifts++] = *d;
}

/* The object was as wanted, and nobody asked for a change since. */
static bool was_as_wanted(const struct settle_case *in)
{
	return (in->state == STATE_READY || in->state == STATE_CONTESTED) &&
	       !(in->causes & KEY_CONFIG);
}

/* The row showed that very device. */
static bool is_its_device(const struct settle_case *in)
{
	const struct plan_verdict *v = in->verdict;

	return v->slave && v->have && in->ifindex == v->have->seen.ifindex;
}

/* What somebody else undid, "" if nothing. For an object that was in conflict, a
 * missing part may have been kept out by the conflict, and is no evidence. */
static const char *evidence(const struct settle_case *in)
{
	if (!in->steps || in->causes & KEY_CONFIG)
		return "";
	/* A second look, but for one at the end of a hold. */
	if (in->causes == KEY_LOOK && !in->contest.is_on)
		return "";
	if (in->state == STATE_CONFLICT)
		return is_its_device(in) ? in->steps->changed : "";
	/* It could not be up before: the device below its VLAN was down. */
	if (in->was_down && !strcmp(in->steps->found, DRIFT_TEXT_SET_DOWN))
		return "";
	return was_as_wanted(in) ? in->steps->found : "";
}

/* What was repaired, or could not be. */
static void settle_repair(struct work *w)
{
	const struct step_summary *o = w->in->steps;
	struct settle_drift d = {.found = evidence(w->in), .is_repair = true};

	if (!*d.found)
		return;
	d.event = o->error ? "drift_found" : "drift_repaired";
	d.action = o->error ? "not yet put right" : o->was_made ? "made again" : "back";
	add_drift(w, &d);
}

/* A master that is gone or has another name is not ours to repair. */
static void settle_lost_master(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	bool is_there = v->have_master && v->have_master->seen.presence != MODEL_ABSENT;

	if (v->slave || v->kind != PLAN_WAITING || is_there || !was_as_wanted(w->in))
		return;
	add_drift(w, &(struct settle_drift){.found = drift_text_lost_master(
						    w->in->have, v->master, w->a),
					    .action = DRIFT_LEFT,
					    .event = "drift_found"});
}

/* A slave whose namespace is left to others for a second: ipvl makes it if they do not. */
static void settle_lost_netns(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const char *found;

	if (!v->slave || v->kind != PLAN_WAITING || !was_as_wanted(w->in) ||
	    *v->slave->netns == '/')
		return;
	found = drift_text_lost_netns(w->in->have, v->slave->netns, w->a);
	if (*found)
		add_drift(w,
			  &(struct settle_drift){.found = found,
						 .action = "left to others for a second",
						 .event = "drift_found"});
}

/* A new warning of an object that was ready is drift that ipvl leaves as it is. A warning
 * that the master has too is recorded for the master only. */
static void settle_warnings(struct work *w)
{
	const struct settle_case *in = w->in;
	const struct plan_verdict *v = in->verdict, *master = in->master;
	/* Without a slave it has none: those that come with its first one are no drift. */
	bool was_in_use = v->slave || (v->have_master && v->have_master->seen.has_ours);

	/* Drift of its master is the master's. Slaves may bring a master back into use. */
	if (in->state != STATE_READY || in->causes & (KEY_CONFIG | KEY_MEMBERS) ||
	    (master && master->kind == PLAN_DRIFTED) || !was_in_use)
		return;
	for (size_t i = 0; i < v->n_warnings; i++) {
		const char *text = v->warnings[i];

		if (has_text(in->warnings, in->n_warnings, text) ||
		    (master && has_text(master->warnings, master->n_warnings, text)))
			continue;
		add_drift(w,
			  &(struct settle_drift){.found = drift_text_warning(text, w->a),
						 .action = DRIFT_LEFT});
	}
}

/* State, message, and what happens to the key. */

static void add_next_try(struct work *w, int64_t wait_ms)
{
	struct status *s = &w->out->status;

	s->message = arena_printf(w->a, "%s" NOTICES_NEXT_TRY "%s", s->message,
				  seconds(w, wait_ms));
}

static void settle_failure(struct work *w)
{
	const struct err *error = w->in->steps->error;
	struct status *s = &w->out->status;
	CLEANUP(freep) char *text = err_text(error);

	s->state = STATE_ERROR;
	s->message = arena_strdup(w->a, text);
	if (retry_can_help(error)) {
		int64_t wait = queue_backoff_ms(w->in->failures + 1);

		w->out->next = SETTLE_FAILED;
		/* Not a namespace that is still being removed, after so long
		 * (kernel.md 7): a device of ours that was moved or renamed without an
		 * event may have the address. */
		w->out->look_everywhere =
			error->sys_errno == EADDRINUSE && wait == STRAY_SUSPECTED_MS;
		add_next_try(w, wait);
	} else {
		w->out->next = SETTLE_GAVE_UP;
	}
	w->out->is_new_failure =
		w->in->state != STATE_ERROR || strcmp(w->in->message, s->message) != 0;
}

/* Somebody keeps undoing it: it is held back. */
static void settle_contest(struct work *w)
{
	const struct settle_case *in = w->in;
	const struct contest_side other = contest_side(in->actor, in->verdict, in->steps);

	w->out->hold = contest_hold(&in->contest);
	w->out->status.state = STATE_CONTESTED;
	w->out->status.message = contest_text_held(&in->contest, &other, in->steps->found,
						   in->wall_ms, w->a);
	/* It was undone while it was made, or cannot be made at all. */
	if (in->steps->error) {
		CLEANUP(freep) char *error = err_text(in->steps->error);

		w->out->status.message = arena_printf(w->a, "%s; the last one failed: %s",
						      w->out->status.message, error);
	}
}

/* A contested row that is as declared now stays contested until its opponent had time to
 * undo it once more. */
static void settle_truce(struct work *w)
{
	const struct settle_case *in = w->in;
	const struct drift_contest *c = &in->contest;
	const struct contest_side other = contest_side(in->actor, in->verdict, in->steps);
	struct status *s = &w->out->status;

	if (!c->is_on || s->state != STATE_READY)
		return;
	w->out->ends_contest = !c->wait_ms;
	w->out->look_in_ms = c->wait_ms;
	if (!c->wait_ms)
		return;
	s->state = STATE_CONTESTED;
	s->message = in->state == STATE_CONTESTED
			     ? in->message
			     : contest_text(c, c->times - 1, &other, w->a);
}

static void settle_work(struct work *w)
{
	const struct step_summary *o = w->in->steps;
	bool is_drift = *evidence(w->in);

	if (!o)
		return;
	if (o->error && is_drift && w->in->contest.is_on) {
		settle_contest(w);
		return;
	}
	if (o->error) {
		settle_failure(w);
		return;
	}
	describe_done(w);
	/* A repair may lose something without an event (kernel.md 8): look once more,
	 * and later and later if there is always something to do. */
	if (o->was_made)
		w->out->next = SETTLE_SUCCEEDED;
	else if (w->in->causes == KEY_LOOK)
		w->out->next = SETTLE_FAILED;
	else
		w->out->look_again = true;
	if (is_drift && (w->in->contest.is_on || w->in->n_repairs >= DRIFT_CONTEST_TIMES))
		settle_contest(w);
}

/* An address that was a duplicate and was added once more: the kernel has no verdict yet. */
static bool is_being_tried(const struct settle_case *in)
{
	return in->verdict->kind == PLAN_READY &&
	       has_noted(in->verdict, MODEL_ADDRESS_TENTATIVE) &&
	       in->state == STATE_ERROR;
}

/* An address that another host has was added once more: the kernel probes once, and
 * sends no event when the other host has gone. */
static void settle_duplicate(struct work *w)
{
	int64_t wait = queue_backoff_ms(w->in->failures + 1);

	if (wait < SETTLE_DUPLICATE_RETRY_MIN_MS)
		wait = SETTLE_DUPLICATE_RETRY_MIN_MS;
	if (wait > SETTLE_DUPLICATE_RETRY_MAX_MS)
		wait = SETTLE_DUPLICATE_RETRY_MAX_MS;
	w->out->next = SETTLE_RETRY_SOON;
	add_next_try(w, wait);
}

/* No work, or none that failed. A slave in conflict about one address or route has its
 * device and everything else. */
static void settle_rest(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct step_summary *o = w->in->steps;

	if (is_being_tried(w->in)) {
		w->out->status.state = STATE_ERROR;
		w->out->status.message = w->in->message;
		return;
	}
	if (v->kind == PLAN_ERROR && o && has_noted(v, MODEL_ADDRESS_DUPLICATE)) {
		settle_duplicate(w);
		return;
	}
	w->out->next = SETTLE_SUCCEEDED;
	if (!o || (v->kind != PLAN_CONFLICT && v->kind != PLAN_ERROR) || was_removed(o))
		return;
	describe_done(w);
	/* A foreign object in the way of a device sends events only once the device
	 * exists. */
	w->out->look_again = o->was_made;
}

/* What differs is drift, and is left as it is: recorded once, and again if it changes. */
static void settle_drifted(struct work *w)
{
	const struct settle_case *in = w->in;
	const struct plan_verdict *v = in->verdict;
	const char *label = v->slave ? model_slave_label(w->a, v->slave)
				     : model_master_label(w->a, v->master);

	w->out->status.message =
		drift_text_left(in->held->found, drift_of(v), label, w->a);
	if (drift_of(v) == MODEL_DRIFT_IGNORE ||
	    (in->state == STATE_DRIFTED && !strcmp(in->message, w->out->status.message)))
		return;
	add_drift(w, &(struct settle_drift){.found = in->held->found,
					    .action = DRIFT_LEFT,
					    .event = "drift_found"});
}

/* A row is settled once a pass finds it as declared, and has nothing to do. */
static void settle_record(struct work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const char *netns = v->slave ? v->slave->netns : v->master->netns;

	if (drift_of(v) == MODEL_DRIFT_REPAIR) {
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
	struct work w = {.in = in, .out = out, .a = a};
	const struct plan_verdict *v = in->verdict;

	*out = (struct settlement){
		.of = in,
		.status = {.state = settle_state(v->kind),
			   .message = v->message,
			   .warnings = v->warnings,
			   .n_warnings = v->n_warnings,
			   .link_state = ""},
	};
	if (!was_removed(in->steps))
		describe_found(&w);
	if (v->kind == PLAN_WORK)
		settle_work(&w);
	else if (in->steps && in->steps->error)
		settle_failure(&w);
	else
		settle_rest(&w);
	if (v->kind == PLAN_WORK || v->kind == PLAN_CONFLICT)
		settle_repair(&w);
	if (v->kind == PLAN_DRIFTED)
		settle_drifted(&w);
	settle_truce(&w);
	settle_record(&w);
	settle_lost_master(&w);
	settle_lost_netns(&w);
	settle_warnings(&w);
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
