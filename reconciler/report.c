/* Writes what settle.c returns: rows by status.c, the table Drift by drift.c, keys into the
 * queue, lines into the log. */
#include "reconciler/report.h"

#include "config/daemon_txn.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "reconciler/settle/removals.h"
#include "reconciler/status.h"

#include <stdlib.h>
#include <string.h>

static const char *label_of(struct arena *a, const struct plan_verdict *v)
{
	return v->slave ? model_slave_label(a, v->slave)
			: model_master_label(a, v->master);
}

/* Writing. */

static void count_drift(struct counts *c, const struct settlement *s,
			const struct settle_drift *d)
{
	if (!d->is_repair)
		c->drift_left++;
	else if (s->of->steps->error)
		c->drift_failed++;
	else
		c->drift_repaired++;
}

static void write_drift(const struct report *report, struct txn *t,
			const struct settlement *s)
{
	const struct plan_verdict *v = s->of->verdict;
	struct arena *a = report->pass->a;
	const struct key key = report_key(v);

	for (size_t i = 0; i < s->n_drifts; i++) {
		const struct settle_drift *found = &s->drifts[i];
		const struct drift d = {.key = &key,
					.object = label_of(a, v),
					.found = found->found,
					.action = found->action};
		const char *actor;

		count_drift(report->counts, s, found);
		if (found->is_repair)
			drift_record(report->drift, t, &d, report->now_ms, a, &actor);
		else
			actor = drift_note(report->drift, t, &d, report->now_ms, a);
		if (found->event)
			log_event(LOG_LEVEL_WARNING, found->event,
				  "object=%s found=%s by=%s done=\"%s\"", d.object,
				  log_quote(a, d.found), log_quote(a, actor), d.action);
	}
}

static void move_key(struct queue *q, const struct key *key, enum settle_next next,
		     int64_t now_ms)
{
	switch (next) {
	case SETTLE_NOTHING:
		break;
	case SETTLE_SUCCEEDED:
		queue_succeeded(q, key);
		break;
	case SETTLE_FAILED:
		queue_failed(q, key, now_ms);
		break;
	case SETTLE_RETRY_SOON:
		queue_retry(q, key, SETTLE_DUPLICATE_RETRY_MIN_MS,
			    SETTLE_DUPLICATE_RETRY_MAX_MS, now_ms);
		break;
	case SETTLE_GAVE_UP:
		queue_gave_up(q, key, now_ms);
		break;
	}
}

static void schedule(const struct report *report, const struct settlement *s)
{
	const struct key key = report_key(s->of->verdict);

	move_key(report->queue, &key, s->next, report->now_ms);
	if (s->look_again)
		queue_mark(report->queue, &key, KEY_LOOK, report->now_ms);
	if (s->hold)
		queue_hold(report->queue, &key, s->hold, DRIFT_CONTEST_QUIET_MS,
			   report->now_ms);
	if (s->look_in_ms)
		queue_look_in(report->queue, &key, s->look_in_ms, report->now_ms);
	if (s->look_everywhere)
		queue_mark_all(report->queue);
}

static uint32_t below_of(const struct pass *p, const struct plan_verdict *v)
{
	const struct model_master *below = v->have_master;

	if (!v->slave)
		below = model_master_below(p->have, v->master, below);
	return below ? below->seen.ifindex : 0;
}

static void write_record(const struct report *report, struct txn *t,
			 const struct settlement *s, const struct row *r)
{
	const struct plan_verdict *v = s->of->verdict;
	const struct model_netns *netns = model_find_netns(
		report->pass->have, v->slave ? v->slave->netns : v->master->netns);
	struct settled_row row = {.row = r};

	switch (s->record) {
	case SETTLE_RECORD_KEEP:
		break;
	case SETTLE_RECORD_NOTE:
		if (v->slave)
			row.master = rows_find_master(report->columns, NULL,
						      v->master->netns, v->master->name);
		settled_note(report->settled, t, &row, below_of(report->pass, v),
			     netns ? netns->seen.inode : 0);
		break;
	case SETTLE_RECORD_LOST_NETNS:
		settled_note_lost_netns(report->settled, t, r);
		break;
	case SETTLE_RECORD_FORGET:
		settled_forget(report->settled, t, r);
		break;
	}
}

static bool adopts(const struct plan_verdict *v)
{
	return v->slave ? v->slave->adopts : v->master->adopts;
}

/* What the row asked for is done, or cannot be done: it asks no more. What failed is tried
 * again. */
static bool is_transfer_over(const struct settlement *s)
{
	const struct plan_verdict *v = s->of->verdict;
	enum model_intent intent = v->slave ? v->slave->intent : v->master->intent;

	if (s->of->steps && s->of->steps->is_transfer_left)
		return false;
	return adopts(v) || (intent == MODEL_RELEASED && v->kind != PLAN_ERROR);
}

/* A master after its slaves: as long as one has a row, its own stays. */
static void end_transfers(const struct report *report, struct txn *t,
			  const struct settlement *settlements, size_t n, bool slaves)
{
	const struct ipvl_columns *c = report->columns;

	for (size_t i = 0; i < n; i++) {
		const struct plan_verdict *v = settlements[i].of->verdict;
		struct row *r;

		if (!v->slave == slaves || !is_transfer_over(&settlements[i]))
			continue;
		r = report_row(c, v);
		if (adopts(v))
			rows_set_transfer(c, t, r, NULL);
		else if (v->slave)
			rows_remove_slave(c, t, r);
		else if (!txn_get(t, r, c->master.slaves)->n)
			rows_remove_master(c, t, r);
	}
}

static void remove_spent(const struct report *report, struct txn *t,
			 const struct settlement *settlements, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct plan_verdict *v = settlements[i].of->verdict;
		struct row *r = report_row(report->columns, v);

		if (!settlements[i].removes_row || !r)
			continue;
		log_event(LOG_LEVEL_INFO, "row_removed", "object=%s reason=%s",
			  label_of(report->pass->a, v),
			  log_quote(report->pass->a, "its device is gone"));
		rows_remove_slave(report->columns, t, r);
	}
}

static void write_settlement(const struct report *report, struct txn *t,
			     const struct settlement *s)
{
	const struct ipvl_columns *c = report->columns;
	const struct plan_verdict *v = s->of->verdict;
	const struct key key = report_key(v);
	struct row *r = report_row(c, v);

	if (s->is_new_failure)
		log_event(LOG_LEVEL_WARNING, "object_failed", "object=%s message=%s",
			  label_of(report->pass->a, v),
			  log_quote(report->pass->a, s->status.message));
	schedule(report, s);
	write_drift(report, t, s);
	if (s->hold)
		drift_contest_note(report->drift, &key, &s->of->contest, report->now_ms);
	if (s->ends_contest)
		drift_contest_end(report->drift, &key);
	drift_forget(report->drift, &key, report->pass->started_ms);
	write_record(report, t, s, r);
	if (v->slave)
		status_set_slave(c, t, r, &s->status);
	else
		status_set_master(c, t, r, &s->status);
}

static void write_invalid(const struct ipvl_columns *c, struct txn *t,
			  const struct desired_invalid *invalid)
{
	/* The same row, not const. */
	struct row *r = table_find(row_table(invalid->row), row_uuid(invalid->row));
	struct status s = {
		.state = STATE_ERROR, .message = invalid->message, .link_state = ""};

	if (r && row_table(r) == c->master.table)
		status_set_master(c, t, r, &s);
	else if (r)
		status_set_slave(c, t, r, &s);
}

static void keep_removals(const struct report *report)
{
	const struct pass *p = report->pass;
	size_t n;
	const struct removal *removals =
		removals_collect(p->plan, apply_results(p->apply), p->have, p->a, &n);

	for (size_t i = 0; i < n; i++) {
		const struct removal *s = &removals[i];

		move_key(report->queue, &s->key, s->next, report->now_ms);
		if (s->error)
			log_err(LOG_LEVEL_WARNING, "removal_failed", s->error,
				"netns=%s name=%s", s->key.netns, s->key.name);
	}
}

/* What was put back, or cannot be put back any more. A step that failed is tried again. */
static void forget_saved(const struct report *report, struct txn *t)
{
	const struct plan *plan = report->pass->plan;
	const struct plan_result *results = apply_results(report->pass->apply);

	for (size_t i = 0; i < plan->n_releases; i++) {
		uint32_t step = plan->releases[i].step;

		if (step == PLAN_NO_STEP || results[step].kind == PLAN_DONE)
			saved_forget(report->saved, t, &plan->releases[i]);
	}
}

/* A record must not outlive its row: `undo` may bring the row back, but not its device. */
static void sweep_records(const struct report *report, struct txn *t)
{
	const struct pass *p = report->pass;
	bool is_due = p->everything;

	for (size_t i = 0; i < p->n_keys; i++)
		is_due |= p->keys[i].causes & KEY_CONFIG;
	if (is_due)
		settled_sweep(report->settled, t);
	if (p->everything)
		saved_sweep(report->saved, t);
}

static void write_cur_cfg(const struct ipvl_columns *c, struct txn *t,
			  const struct pass *p)
{
	struct row *host = rows_find_host(c, NULL, NULL);

	if (host)
		status_set_cur_cfg(c, t, host, p->next_cfg);
}

struct err *report_write(const struct report *report,
			 const struct settlement *settlements, size_t n)
{
	const struct pass *p = report->pass;
	struct txn *t = daemon_txn_new(report->db);

	for (size_t i = 0; i < n; i++)
		write_settlement(report, t, &settlements[i]);
	end_transfers(report, t, settlements, n, true);
	end_transfers(report, t, settlements, n, false);
	remove_spent(report, t, settlements, n);
	for (size_t i = 0; i < p->desired->n_invalid; i++)
		write_invalid(report->columns, t, &p->desired->invalid[i]);
	keep_removals(report);
	forget_saved(report, t);
	sweep_records(report, t);
	for (size_t i = 0; i < p->n_keys; i++)
		queue_forget(report->queue, &p->keys[i]);
	write_cur_cfg(report->columns, t, p);
	return status_commit(report->columns, t);
}

/* Rows that change before the end of a pass. */

static void commit_or_log(const struct ipvl_columns *c, struct txn *t)
{
	CLEANUP(err_freep) struct err *e = status_commit(c, t);

	if (e)
		log_err(LOG_LEVEL_ERR, "status_not_written", e, "%s", "");
}

void report_note_rows(const struct ipvl_columns *c, struct pass *p)
{
	if (p->rows_before)
		return;
	p->rows_before = arena_array(p->a, p->plan->n_verdicts, sizeof(*p->rows_before));
	for (size_t i = 0; i < p->plan->n_verdicts; i++) {
		const struct row *r = report_row(c, &p->plan->verdicts[i]);

		if (r)
			p->rows_before[i] = (struct pass_row){
				.uuid = *row_uuid(r), .state = state_of_row(c, r)};
	}
}

void report_pending(const struct ipvl_columns *c, struct db *db, struct pass *p)
{
	struct txn *t;

	if (p->is_pending)
		return;
	p->is_pending = true;
	t = daemon_txn_new(db);
	for (size_t i = 0; i < p->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &p->plan->verdicts[i];
		struct row *r = report_row(c, v);
		struct key key = report_key(v);

		if (r && v->kind == PLAN_WORK && report_is_row_of_plan(p, i, r) &&
		    settle_is_pending(p->rows_before[i].state,
				      pass_causes(p, key.kind, key.netns, key.name)))
			status_set_state(c, t, r, STATE_PENDING);
	}
	commit_or_log(c, t);
}

void report_give_up(const struct ipvl_columns *c, struct db *db, const struct pass *p,
		    const struct err *e)
{
	struct status s = {.state = STATE_ERROR, .link_state = ""};
	struct txn *t = daemon_txn_new(db);
	CLEANUP(freep) char *text = err_text(e);

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
	write_cur_cfg(c, t, p);
	commit_or_log(c, t);
}
