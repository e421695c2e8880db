/* Which differences are drift, and what is recorded of each. */
#include "reconciler/settle/settle_private.h"

#include "reconciler/drift/drift.h"
#include "reconciler/drift/drift_text.h"

#include <string.h>

static bool has_text(const char *const *texts, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(texts[i], text))
			return true;
	}
	return false;
}

static void add_drift(struct settle_work *w, const struct settle_drift *d)
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

const char *settle_drift_evidence(const struct settle_case *in)
{
	if (!in->steps || in->causes & KEY_CONFIG)
		return "";
	/* A second look, but for one at the end of a hold. */
	if (in->causes == KEY_LOOK && !in->contest.is_on)
		return "";
	if (in->state == STATE_CONFLICT)
		return is_its_device(in) ? in->steps->changed : "";
	/* Another program, which was handed it, has ended it. */
	if (in->verdict->slave && in->verdict->slave->is_handed_over &&
	    in->steps->was_made)
		return "";
	/* It could not be up before: the device below its VLAN was down. */
	if (in->was_down && !strcmp(in->steps->found, DRIFT_TEXT_SET_DOWN))
		return "";
	return was_as_wanted(in) ? in->steps->found : "";
}

void settle_drift_repair(struct settle_work *w)
{
	const struct step_summary *o = w->in->steps;
	struct settle_drift d = {.found = settle_drift_evidence(w->in),
				 .is_repair = true};

	if (!*d.found)
		return;
	d.event = o->error ? "drift_found" : "drift_repaired";
	d.action = o->error ? "not yet put right" : o->was_made ? "made again" : "back";
	add_drift(w, &d);
}

/* A master that is gone or has another name is not ours to repair. */
static void lost_master(struct settle_work *w)
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
static void lost_netns(struct settle_work *w)
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
static void warnings(struct settle_work *w)
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

void settle_drift_others(struct settle_work *w)
{
	lost_master(w);
	lost_netns(w);
	warnings(w);
}

void settle_drift_left(struct settle_work *w)
{
	const struct settle_case *in = w->in;
	const struct plan_verdict *v = in->verdict;
	const char *label = v->slave ? model_slave_label(w->a, v->slave)
				     : model_master_label(w->a, v->master);

	w->out->status.message =
		drift_text_left(in->held->found, settle_drift_policy(v), label, w->a);
	if (settle_drift_policy(v) == MODEL_DRIFT_IGNORE ||
	    (in->state == STATE_DRIFTED && !strcmp(in->message, w->out->status.message)))
		return;
	add_drift(w, &(struct settle_drift){.found = in->held->found,
					    .action = DRIFT_LEFT,
					    .event = "drift_found"});
}
