/* From a plan's verdicts and outcomes to the rows that people read. Decides states and
 * words; writes through status.c and drift.c. */
#include "reconciler/report.h"

#include "config/daemon_txn.h"
#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "reconciler/notices.h"
#include "reconciler/retry.h"
#include "reconciler/status.h"
#include "reconciler/drift_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An address that is in use until the wait has become this long is looked for everywhere,
 * once. */
#define STRAY_SUSPECTED_MS (4 * QUEUE_BACKOFF_MIN_MS)
/* The kernel's verdict comes within two seconds, and stands for as long again. Who waits
 * for an address to become free should not wait much longer than that takes. */
#define DUPLICATE_RETRY_MIN_MS 4000
#define DUPLICATE_RETRY_MAX_MS 10000

/* The report being written. */
struct writing {
	const struct report *in;
	struct step_summaries *outcomes;
	struct txn *txn;
	struct arena *a;
	int64_t now_ms;
	const struct plan_verdict *master; /* of the verdict at hand, or itself */
};

static struct desired_source rows_of(const struct ipvl_columns *c)
{
	return (struct desired_source){.columns = c};
}

static struct row *row_of(const struct ipvl_columns *c, const struct plan_verdict *v)
{
	struct desired_source source = rows_of(c);

	return v->slave ? desired_slave_row(&source, v->slave)
			: desired_master_row(&source, v->master);
}

static struct key key_of(const struct plan_verdict *v)
{
	if (!v->slave)
		return (struct key){.kind = KEY_MASTER,
				    .netns = v->master->netns,
				    .name = v->master->name};
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = v->slave->netns,
		.name = v->slave->name,
		.master_netns = v->master->netns,
		.master_name = v->master->name,
	};
}

static const struct step_summary *outcome_of(const struct writing *w,
					     const struct plan_verdict *v)
{
	return step_summaries_find(w->outcomes,
				   v->slave ? (const void *)v->slave : v->master);
}

static const char *label_of(const struct writing *w, const struct plan_verdict *v)
{
	return v->slave ? model_slave_label(w->a, v->slave)
			: model_master_label(w->a, v->master);
}

static const char *seconds(const struct writing *w, int64_t ms)
{
	return ms < 1000 ? arena_printf(w->a, "%" PRId64 " ms", ms)
			 : arena_printf(w->a, "%" PRId64 " s", ms / 1000);
}

/* What is there, as found before the plan was run. */
static void describe_found(const struct plan_verdict *v, struct status *s)
{
	const struct model_slave *slave = v->have;
	const struct model_master *master = v->have_master;

	if (v->slave && slave && slave->seen.presence == MODEL_OURS) {
		s->ifindex = slave->seen.ifindex;
		s->mac = slave->seen.mac;
		s->mtu = slave->seen.mtu;
		s->link_state =
			status_link_state(slave->seen.is_up, slave->seen.has_carrier);
	} else if (!v->slave && master && master->seen.presence != MODEL_ABSENT) {
		s->ifindex = master->seen.ifindex;
		s->mac = master->seen.mac;
		s->mtu = master->seen.mtu;
		s->link_state =
			status_link_state(master->seen.is_up, master->seen.has_carrier);
	}
}

/* What is there now that the steps were done. */
static void describe_done(const struct plan_verdict *v, const struct step_summary *o,
			  struct status *s)
{
	const struct model_master *master = v->have_master;

	if (o->was_made && v->slave && master) {
		s->ifindex = o->ifindex;
		s->mac = master->seen.mac;
		s->mtu = v->slave->mtu ? v->slave->mtu : master->seen.mtu;
	}
	if (v->slave && v->slave->mtu)
		s->mtu = v->slave->mtu;
	else if (!v->slave && v->master->mtu)
		s->mtu = v->master->mtu;
	if (!strcmp(s->link_state, "down") || !*s->link_state)
		s->link_state = "up";
}

static unsigned int causes_of(const struct writing *w, const struct plan_verdict *v)
{
	const struct pass *p = w->in->pass;
	struct key key = key_of(v);
	unsigned int causes = pass_causes(p, key.kind, key.netns, key.name);

	/* What a master's edit does to its slaves is no drift either. */
	if (v->slave)
		causes |= pass_causes(p, KEY_MASTER, key.master_netns, key.master_name) &
			  KEY_CONFIG;
	return causes;
}

/* It was as wanted, and what is different now was not asked for. */
static bool stood(const struct writing *w, const struct plan_verdict *v,
		  const struct row *r)
{
	enum row_state state = state_of_row(w->in->columns, r);

	return (state == STATE_READY || state == STATE_CONTESTED) &&
	       !(causes_of(w, v) & KEY_CONFIG);
}

/* The row stood for that very device before. */
static bool is_its_device(const struct writing *w, const struct plan_verdict *v,
			  const struct row *r)
{
	const struct ipvl_columns *c = w->in->columns;

	return v->slave && v->have &&
	       datum_integer(row_get(r, c->slave.ifindex), 0) == v->have->seen.ifindex;
}

/* What somebody else undid, "" if nothing. Of an object that was in conflict, whether or
 * not it still is: what was missing may have been kept out by that, and is no evidence.
 */
static const char *evidence(const struct writing *w, const struct plan_verdict *v,
			    const struct step_summary *o, const struct row *r)
{
	unsigned int causes = causes_of(w, v);

	if (causes & KEY_CONFIG || causes == KEY_LOOK)
		return "";
	if (state_of_row(w->in->columns, r) == STATE_CONFLICT)
		return is_its_device(w, v, r) ? o->changed : "";
	return stood(w, v, r) ? o->found : "";
}

static void log_drift(const struct writing *w, const struct drift *d, const char *event,
		      const char *actor)
{
	log_event(LOG_LEVEL_WARNING, event, "object=%s found=%s by=%s done=\"%s\"",
		  d->object, log_quote(w->a, d->found), log_quote(w->a, actor),
		  d->action);
}

/* Records what somebody else did. Returns how often that was lately, and who it was. */
static unsigned int tell_drift(const struct writing *w, const struct plan_verdict *v,
			       const struct step_summary *o, const struct row *r,
			       const char **ret_actor)
{
	struct key key = key_of(v);
	struct drift d = {
		.key = &key,
		.object = label_of(w, v),
		.found = evidence(w, v, o, r),
		.action = o->error      ? "not yet put right"
			  : o->was_made ? "made again"
					: "back",
	};
	unsigned int times;

	if (!*d.found)
		return 0;
	times = drift_record(w->in->drift, w->txn, &d, w->now_ms, w->a, ret_actor);
	log_drift(w, &d, o->error ? "drift_found" : "drift_repaired", *ret_actor);
	return times;
}

static bool is_master_there(const struct plan_verdict *v)
{
	return v->have_master && v->have_master->seen.presence != MODEL_ABSENT;
}

/* A master that is gone or has another name: nothing is ours to repair. */
static void tell_lost_master(const struct writing *w, const struct plan_verdict *v,
			     const struct row *r)
{
	struct key key = key_of(v);
	struct drift d = {.key = &key, .action = DRIFT_LEFT};

	if (v->slave || v->kind != PLAN_WAITING || is_master_there(v) || !stood(w, v, r))
		return;
	d.object = label_of(w, v);
	d.found = drift_text_lost_master(w->in->pass->have, v->master, w->a);
	log_drift(w, &d, "drift_found",
		  drift_note(w->in->drift, w->txn, &d, w->now_ms, w->a));
}

static bool has_text(const char *const *texts, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(texts[i], text))
			return true;
	}
	return false;
}

/* A warning without its cure: up to the first colon that is none of an IPv6 address. */
static const char *cause_of(const struct writing *w, const char *warning)
{
	char *text = arena_strdup(w->a, warning), *colon = strstr(text, ": ");

	if (colon)
		*colon = '\0';
	return text;
}

/* What somebody did that is not ipvl's to put right is drift too: a new warning of what
 * stood well. Of a master's, told of itself, its slaves say nothing. */
static void note_warnings(const struct writing *w, const struct plan_verdict *v,
			  const struct row *r)
{
	const struct ipvl_columns *c = w->in->columns;
	const struct datum *old =
		row_get(r, v->slave ? c->slave.warnings : c->master.warnings);
	const struct plan_verdict *master = v->slave ? w->master : NULL;
	struct key key = key_of(v);

	if (!v->n_warnings || state_of_row(c, r) != STATE_READY ||
	    causes_of(w, v) & KEY_CONFIG)
		return;
	for (size_t i = 0; i < v->n_warnings; i++) {
		const char *text = v->warnings[i];
		const union atom atom = {.string = (char *)(uintptr_t)text};
		struct drift d = {.key = &key,
				  .object = label_of(w, v),
				  .found = cause_of(w, text),
				  .action = DRIFT_LEFT};

		if (datum_find(old, &atom, ATOM_STRING) < 0 &&
		    !(master && has_text(master->warnings, master->n_warnings, text)))
			drift_note(w->in->drift, w->txn, &d, w->now_ms, w->a);
	}
}

/* Somebody keeps undoing it: it is left to them for a while, and said. */
static void hold(const struct writing *w, const struct plan_verdict *v,
		 const struct step_summary *o, unsigned int times, const char *actor,
		 struct status *s)
{
	struct key key = key_of(v);
	int64_t wait = queue_hold(w->in->queue, &key, times - DRIFT_CONTEST_TIMES + 3,
				  w->now_ms);

	s->state = STATE_CONTESTED;
	s->message = arena_printf(
		w->a, "undone %u times in %d s%s%s: %s; it is put right again in %s",
		times, DRIFT_CONTEST_WINDOW_MS / 1000, *actor ? " by " : "", actor,
		o->found, seconds(w, wait));
}

/* The row says the same already, and nobody tried anew. */
static bool is_told(const struct writing *w, const struct plan_verdict *v,
		    const struct status *s)
{
	const struct ipvl_columns *c = w->in->columns;
	const struct row *r = row_of(c, v);

	return state_of_row(c, r) == STATE_ERROR &&
	       !strcmp(datum_text(row_get(r, v->slave ? c->slave.message
						      : c->master.message)),
		       s->message);
}

static void add_next_try(const struct writing *w, struct status *s, int64_t wait_ms)
{
	s->message = arena_printf(w->a, "%s" NOTICES_NEXT_TRY "%s", s->message,
				  seconds(w, wait_ms));
}

static void try_again_later(const struct writing *w, const struct plan_verdict *v,
			    const struct err *error, struct status *s)
{
	struct key key = key_of(v);
	int64_t wait = queue_failed(w->in->queue, &key, w->now_ms);

	/* Not a namespace that is still dying, by now (kernel.md 7): a device of ours
	 * that was moved or renamed while nobody listened may hold the address. */
	if (error->sys_errno == EADDRINUSE && wait == STRAY_SUSPECTED_MS)
		queue_mark_all(w->in->queue);
	add_next_try(w, s, wait);
}

static void tell_failure(const struct writing *w, const struct plan_verdict *v,
			 const struct err *error, struct status *s)
{
	struct key key = key_of(v);
	char *text = err_text(error);

	s->state = STATE_ERROR;
	s->message = arena_strdup(w->a, text);
	free(text);
	if (retry_can_help(error))
		try_again_later(w, v, error, s);
	else
		queue_gave_up(w->in->queue, &key, w->now_ms);
	if (!is_told(w, v, s))
		log_event(LOG_LEVEL_WARNING, "object_failed", "object=%s message=%s",
			  label_of(w, v), log_quote(w->a, s->message));
}

/* A repair may lose what no event tells (kernel.md 8): look once more, later and later if
 * there is always something to do. */
static void look_again(const struct writing *w, const struct plan_verdict *v,
		       const struct step_summary *o)
{
	struct key key = key_of(v);

	if (o->was_made)
		queue_succeeded(w->in->queue, &key);
	else if (causes_of(w, v) == KEY_LOOK)
		queue_failed(w->in->queue, &key, w->now_ms);
	else
		queue_mark(w->in->queue, &key, KEY_LOOK, w->now_ms);
}

static void tell_work(const struct writing *w, const struct plan_verdict *v,
		      const struct row *r, struct status *s)
{
	const struct step_summary *o = outcome_of(w, v);
	const char *actor;
	unsigned int times;

	s->state = STATE_READY;
	if (!o)
		return;
	times = tell_drift(w, v, o, r, &actor);
	if (o->error) {
		tell_failure(w, v, o->error, s);
		return;
	}
	describe_done(v, o, s);
	look_again(w, v, o);
	if (times >= DRIFT_CONTEST_TIMES)
		hold(w, v, o, times, actor, s);
}

static enum row_state state_of_verdict(enum plan_verdict_kind kind)
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
	}
	return STATE_UNKNOWN;
}

/* The device that was found is gone by now, and none has taken its place: it was
 * disabled, or waits for a master while another slave needs its address. */
static bool was_removed(const struct step_summary *o)
{
	return o && (o->ops & (1U << PLAN_OP_LINK_DEL)) && !o->was_made;
}

/* A declared address, of what was found, with one of 'notes'. */
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

/* An address that another host has was added anew: the kernel asks once, and tells nobody
 * when the other host has gone. */
static void try_duplicate_again(const struct writing *w, const struct plan_verdict *v,
				struct status *s)
{
	struct key key = key_of(v);
	int64_t wait = queue_retry(w->in->queue, &key, DUPLICATE_RETRY_MIN_MS,
				   DUPLICATE_RETRY_MAX_MS, w->now_ms);

	add_next_try(w, s, wait);
}

/* An address that was a duplicate and was added anew: the kernel has not judged it yet.
 */
static bool is_being_tried(const struct writing *w, const struct plan_verdict *v,
			   const struct row *r)
{
	return v->kind == PLAN_READY && has_noted(v, MODEL_ADDRESS_TENTATIVE) &&
	       state_of_row(w->in->columns, r) == STATE_ERROR;
}

/* Neither ready nor failed. A slave in conflict for one of its addresses or routes has
 * its device, and all else. */
static void tell_rest(const struct writing *w, const struct plan_verdict *v,
		      const struct step_summary *o, struct status *s)
{
	const struct ipvl_columns *c = w->in->columns;
	const struct row *r = row_of(c, v);
	struct key key = key_of(v);

	if (is_being_tried(w, v, r)) {
		s->state = STATE_ERROR;
		s->message = datum_text(row_get(r, c->slave.message));
		return;
	}
	if (v->kind == PLAN_ERROR && o && has_noted(v, MODEL_ADDRESS_DUPLICATE)) {
		try_duplicate_again(w, v, s);
		return;
	}
	queue_succeeded(w->in->queue, &key);
	if (!o || (v->kind != PLAN_CONFLICT && v->kind != PLAN_ERROR) || was_removed(o))
		return;
	describe_done(v, o, s);
	/* What is in the way of a device is heard of once the device was seen. */
	if (o->was_made)
		queue_mark(w->in->queue, &key, KEY_LOOK, w->now_ms);
}

static void tell_verdict(const struct writing *w, const struct plan_verdict *v)
{
	const struct ipvl_columns *c = w->in->columns;
	const struct step_summary *o = outcome_of(w, v);
	struct row *r = row_of(c, v);
	struct key key = key_of(v);
	const char *actor;
	struct status s = {.state = state_of_verdict(v->kind),
			   .message = v->message,
			   .warnings = v->warnings,
			   .n_warnings = v->n_warnings,
			   .link_state = ""};

	if (!r)
		return; /* deleted while the pass ran: its key is marked again */
	if (!was_removed(o))
		describe_found(v, &s);
	if (v->kind == PLAN_WORK)
		tell_work(w, v, r, &s);
	else if (o && o->error)
		tell_failure(w, v, o->error, &s);
	else
		tell_rest(w, v, o, &s);
	if (v->kind == PLAN_CONFLICT && o)
		(void)tell_drift(w, v, o, r, &actor);
	tell_lost_master(w, v, r);
	note_warnings(w, v, r);
	drift_forget(w->in->drift, &key, w->in->pass->started_ms);
	if (v->slave)
		status_set_slave(c, w->txn, r, &s);
	else
		status_set_master(c, w->txn, r, &s);
}

/* What is no longer wanted and could not be removed stays known until it is gone. */
static void keep_tombstones(const struct writing *w)
{
	const struct plan *plan = w->in->pass->plan;
	const struct plan_result *results = apply_results(w->in->pass->apply);

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];
		struct key key = {.kind = KEY_NETNS,
				  .netns = s->netns ? s->netns->name : "",
				  .name = ""};

		/* What could not be made is told by the slaves that wait for it. */
		if (results[i].kind == PLAN_DONE || s->want ||
		    s->op == PLAN_OP_NETNS_ADD || (!s->have && !s->netns))
			continue;
		if (!s->netns)
			key = (struct key){
				.kind = KEY_SLAVE,
				.netns = s->have->netns,
				.name = s->have->name,
				.master_netns = s->master ? s->master->netns : "",
				.master_name = s->master ? s->master->name : "",
			};
		if (results[i].error && !retry_can_help(results[i].error))
			queue_gave_up(w->in->queue, &key, w->now_ms);
		else
			queue_failed(w->in->queue, &key, w->now_ms);
		if (results[i].error)
			log_err(LOG_LEVEL_WARNING, "removal_failed", results[i].error,
				"netns=%s name=%s", key.netns, key.name);
	}
}

static void tell_invalid(const struct ipvl_columns *c, struct txn *t,
			 const struct desired_invalid *invalid)
{
	/* The same row; readers get it const. */
	struct row *r = table_find(row_table(invalid->row), row_uuid(invalid->row));
	struct status s = {
		.state = STATE_ERROR, .message = invalid->message, .link_state = ""};

	if (r && row_table(r) == c->master.table)
		status_set_master(c, t, r, &s);
	else if (r)
		status_set_slave(c, t, r, &s);
}

static void tell_cur_cfg(const struct ipvl_columns *c, struct txn *t,
			 const struct pass *p)
{
	struct row *host = rows_find_host(c, NULL, NULL);

	if (host)
		status_set_cur_cfg(c, t, host, p->next_cfg);
}

struct err *report_write(const struct report *report)
{
	const struct pass *p = report->pass;
	struct writing w = {
		.in = report,
		.outcomes = step_summaries_build(p->plan, apply_results(p->apply), p->a),
		.txn = daemon_txn_new(report->db),
		.a = p->a,
		.now_ms = loop_now_ms(),
	};

	for (size_t i = 0; i < p->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &p->plan->verdicts[i];

		/* A master comes before its slaves. */
		if (!v->slave)
			w.master = v;
		tell_verdict(&w, v);
	}
	for (size_t i = 0; i < p->desired->n_invalid; i++)
		tell_invalid(report->columns, w.txn, &p->desired->invalid[i]);
	keep_tombstones(&w);
	for (size_t i = 0; i < p->n_keys; i++)
		queue_forget(report->queue, &p->keys[i]);
	tell_cur_cfg(report->columns, w.txn, p);
	step_summaries_free(w.outcomes);
	return status_commit(report->columns, w.txn);
}

/* A ready row stays ready while drift is repaired, and a contested one contested:
 * stood() must still see it. One in error stays so while it is tried once more. */
static bool becomes_pending(const struct pass *p, const struct plan_verdict *v,
			    enum row_state state)
{
	struct key key = key_of(v);

	if (state == STATE_ERROR)
		return pass_causes(p, key.kind, key.netns, key.name) & KEY_CONFIG;
	return state != STATE_READY && state != STATE_CONTESTED;
}

void report_pending(const struct ipvl_columns *c, struct db *db, struct pass *p)
{
	struct txn *t;
	struct err *e;

	if (p->told_pending)
		return;
	p->told_pending = true;
	t = daemon_txn_new(db);
	for (size_t i = 0; i < p->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &p->plan->verdicts[i];
		struct row *r = v->kind == PLAN_WORK ? row_of(c, v) : NULL;

		if (r && becomes_pending(p, v, state_of_row(c, r)))
			status_set_state(c, t, r, STATE_PENDING);
	}
	e = status_commit(c, t);
	if (e)
		log_err(LOG_LEVEL_ERR, "status_not_written", e, "%s", "");
	err_free(e);
}

void report_give_up(const struct ipvl_columns *c, struct db *db, const struct pass *p,
		    const struct err *e)
{
	struct status s = {.state = STATE_ERROR, .link_state = ""};
	struct txn *t = daemon_txn_new(db);
	struct err *error;
	char *text = err_text(e);

	s.message = text;
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];
		struct row *r = NULL;

		if (!(k->causes & KEY_CONFIG))
			continue;
		if (k->kind == KEY_SLAVE &&
		    (r = rows_find_slave(c, NULL, k->netns, k->name)))
			status_set_slave(c, t, r, &s);
		else if (k->kind == KEY_MASTER &&
			 (r = rows_find_master(c, NULL, k->netns, k->name)))
			status_set_master(c, t, r, &s);
	}
	tell_cur_cfg(c, t, p);
	free(text);
	error = status_commit(c, t);
	if (error)
		log_err(LOG_LEVEL_ERR, "status_not_written", error, "%s", "");
	err_free(error);
}
