/* The pass, and what starts one: commits, events of the datapath, timers. An event
 * only marks keys; the pass reads what is there. */
#include "reconciler/reconcile.h"

#include "config/daemon_txn.h"
#include "config/settings.h"
#include "config/rows.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "reconciler/leftovers.h"
#include "reconciler/lingering.h"
#include "reconciler/pass.h"
#include "reconciler/port_watch.h"
#include "reconciler/report.h"
#include "reconciler/report_cases.h"
#include "reconciler/status.h"
#include "reconciler/wanted/concerned.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How long one slice of a pass may block the loop and its clients. */
#define SLICE_MS 20
/* A row is `pending` from then on: what is done sooner is written once. */
#define PENDING_AFTER_MS 100
/* Events come in bursts: a pass waits for the next few. */
#define GATHER_MS 2
/* Between passes that fail as a whole: doubled from the first value to the second. */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 30000

struct reconciler {
	struct reconciler_config config;
	struct queue *queue;
	struct slave_index *slaves;
	struct aliases *aliases;
	struct own_addresses *own_addresses;
	struct grace *grace;
	struct netns_registry *netns;
	struct settled *settled;
	struct saved *saved;
	struct drift_log *drift;
	struct db_observer *observer;
	struct loop_io *events;
	struct port_watch *port_watch;
	struct announcer *announcer;
	struct object_set *lingering;
	struct loop_timer *pass_timer, *slice_timer, *audit_timer, *grace_timer;
	/* Being run in slices; NULL between passes. */
	struct pass *pass;
	/* While pass_timer is set. */
	int64_t pass_due_ms;
	/* After a pass that failed as a whole. */
	int64_t not_before_ms;
	/* The wait after it; 0: the last pass was finished. */
	int64_t retry_ms;
	/* next_cfg changed: cur_cfg must follow even if no key is dirty. */
	bool cfg_moved;
	bool first_pass_is_done;
	struct counts counts;
};

static struct desired_source source_of(const struct reconciler *r)
{
	return (struct desired_source){.columns = r->config.columns,
				       .slaves = r->slaves,
				       .netns = r->netns,
				       .settled = r->settled,
				       .saved = r->saved,
				       .aliases = r->aliases,
				       .lingering = r->lingering,
				       .own_addresses = r->own_addresses};
}

/* An earlier date stays: a steady stream of events must not delay the pass for ever. */
static void schedule(struct reconciler *r, int64_t at_least_ms)
{
	int64_t now = clock_now_ms();
	int64_t wait = r->cfg_moved ? 0 : queue_wait_ms(r->queue, now);
	int64_t due = now + (wait > at_least_ms ? wait : at_least_ms);

	if (r->pass || wait < 0)
		return;
	if (due < r->not_before_ms)
		due = r->not_before_ms;
	if (loop_timer_is_set(r->pass_timer) && r->pass_due_ms <= due)
		return;
	r->pass_due_ms = due;
	loop_timer_set(r->pass_timer, due - now);
}

static void mark(void *aux, const struct key *key)
{
	struct reconciler *r = aux;

	queue_mark(r->queue, key, key->causes, clock_now_ms());
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct reconciler *r = aux;
	const struct ipvl_columns *c = r->config.columns;
	const struct desired_source source = source_of(r);

	concerned_by_txn(&source, txn, mark, r);
	if (concerned_is_all(c, txn))
		queue_mark_all(r->queue);
	slave_index_follow(r->slaves, txn);
	TXN_FOR_EACH_CHANGE (change, txn) {
		if (change.table != c->host.table)
			continue;
		r->cfg_moved |= change_is_changed(&change, c->host.next_cfg);
		if (change_is_changed(&change, c->host.other_config)) {
			port_watch_set(r->port_watch);
			/* The setting `leftovers` may have ended. */
			queue_mark_all(r->queue);
		}
	}
	schedule(r, 0);
}

static void mark_master(struct reconciler *r, const char *netns, const char *name)
{
	const struct key key = key_of_master(netns, name, KEY_EVENT);

	mark(r, &key);
}

static void mark_device(struct reconciler *r, const char *netns, const char *name,
			unsigned int causes)
{
	const struct desired_source source = source_of(r);

	/* No row has it any more. */
	if (object_set_has(r->lingering, netns, name))
		mark_master(r, netns, name);
	concerned_by_device(&source, netns, name, causes, mark, r);
}

static void mark_netns(struct reconciler *r, const char *netns)
{
	const struct desired_source source = source_of(r);

	concerned_by_netns(&source, netns, mark, r);
}

static void log_failure(const char *event, struct err *e)
{
	if (e)
		log_err(LOG_LEVEL_ERR, event, e, "%s", "");
	err_free(e);
}

static void note_cause(struct reconciler *r, const struct datapath_event *e)
{
	int64_t now = clock_now_ms();
	struct txn *t;

	if (!drift_note_event(r->drift, e, now))
		return;
	t = daemon_txn_new(r->config.db);
	drift_name_cause(r->drift, t, e, now);
	log_failure("status_not_written", daemon_txn_commit(t));
}

static void on_event(void *aux, const struct datapath_event *e)
{
	struct reconciler *r = aux;

	r->counts.events++;
	switch (e->kind) {
	case DATAPATH_MASTER_CHANGED:
	case DATAPATH_SLAVE_CHANGED:
		note_cause(r, e);
		announcer_note_event(r->announcer, e);
		mark_device(r, e->netns, e->name,
			    e->reaches_upper ? KEY_EVENT | KEY_UPPER : KEY_EVENT);
		break;
	case DATAPATH_NETNS_CHANGED:
		aliases_note_change(r->aliases, e->netns);
		mark_netns(r, e->netns);
		break;
	case DATAPATH_STRAYED:
		queue_mark_all(r->queue);
		break;
	case DATAPATH_ALL_CHANGED:
		r->counts.events_lost++;
		log_event(LOG_LEVEL_WARNING, "events_lost",
			  "what=\"reading everything again\"");
		queue_mark_all(r->queue);
		break;
	}
}

static void on_events(void *aux)
{
	struct reconciler *r = aux;

	datapath_drain(r->config.datapath, on_event, r);
	schedule(r, GATHER_MS);
}

static void on_audit(void *aux)
{
	struct reconciler *r = aux;

	queue_mark_all(r->queue);
	schedule(r, 0);
	loop_timer_set(r->audit_timer, r->config.audit_ms);
}

/* Namespaces that other processes were given time to make. */

static void set_grace_timer(struct reconciler *r)
{
	int64_t wait = grace_wait_ms(r->grace, clock_now_ms());

	loop_timer_clear(r->grace_timer);
	if (wait >= 0)
		loop_timer_set(r->grace_timer, wait);
}

static void end_grace(void *aux, const char *netns)
{
	mark_netns(aux, netns);
}

static void on_grace_end(void *aux)
{
	struct reconciler *r = aux;

	grace_end(r->grace, clock_now_ms(), end_grace, r);
	set_grace_timer(r);
	schedule(r, 0);
}

/* A port has another mode or flag than its master's row. */
static void on_port_change(void *aux, const char *netns, const char *name)
{
	mark_device(aux, netns, name, KEY_EVENT);
	schedule(aux, 0);
}

static bool is_busy(void *aux)
{
	const struct reconciler *r = aux;

	return r->pass;
}

/* The pass. */

static void pass_end(struct reconciler *r)
{
	pass_free(r->pass);
	r->pass = NULL;
	set_grace_timer(r);
	if (!r->first_pass_is_done) {
		r->first_pass_is_done = true;
		if (r->config.first_pass_done)
			r->config.first_pass_done(r->config.aux);
	}
	schedule(r, 0);
}

/* The kernel could not be read, or the database not written: nothing was done, and all
 * keys are still due. */
static void pass_give_up(struct reconciler *r, struct err *e)
{
	int64_t now = clock_now_ms();

	r->counts.passes_failed++;
	r->retry_ms = r->retry_ms ? r->retry_ms * 2 : RETRY_MIN_MS;
	if (r->retry_ms > RETRY_MAX_MS)
		r->retry_ms = RETRY_MAX_MS;
	log_err(LOG_LEVEL_ERR, "pass_failed", e, "next_try_ms=%" PRId64, r->retry_ms);
	for (size_t i = 0; i < r->pass->n_keys; i++) {
		const struct key *k = &r->pass->keys[i];

		queue_mark(r->queue, k, k->causes | KEY_EVENT, now);
	}
	if (r->pass->everything)
		queue_mark_all(r->queue);
	report_give_up(r->config.columns, r->config.db, r->pass, e);
	err_free(e);
	r->not_before_ms = now + r->retry_ms;
	pass_end(r);
}

/* Takes the keys that are due. */
static void pass_begin(struct reconciler *r)
{
	struct pass *p = r->pass = pass_new();

	p->started_ms = clock_now_ms();
	r->counts.pass_began_us = count_now_us();
	/* Events about what the observation will find come first. */
	datapath_drain(r->config.datapath, on_event, r);
	pass_take(p, r->queue);
	p->next_cfg = rows_next_cfg(r->config.columns);
	r->cfg_moved = false;
}

static bool must_keep_leftovers(const struct reconciler *r)
{
	return leftovers_are_kept(r->config.columns) ||
	       (db_is_new(r->config.db) && !r->first_pass_is_done);
}

/* What must be in the database before the first step is run. */
static struct err *pass_prepare(struct reconciler *r)
{
	struct pass *p = r->pass;
	struct err *e = NULL;

	if (p->n_leftovers && !leftovers_are_kept(r->config.columns))
		e = leftovers_keep(r->config.columns, r->config.db);
	if (!e)
		e = pass_bind(p, r->netns);
	if (!e)
		e = pass_reserve_netns(p, r->netns);
	if (!e && p->plan->n_saves)
		e = saved_reserve(r->saved, p->plan->saves, p->plan->n_saves);
	return e;
}

static struct report report_of(struct reconciler *r)
{
	return (struct report){
		.columns = r->config.columns,
		.db = r->config.db,
		.queue = r->queue,
		.drift = r->drift,
		.settled = r->settled,
		.saved = r->saved,
		.pass = r->pass,
		.counts = &r->counts,
		.now_ms = clock_now_ms(),
	};
}

/* A pass: observe, plan, apply, settle, write. Called again between the slices of apply, and
 * then goes on with the next one. */
static void run_pass(struct reconciler *r)
{
	struct report report;
	const struct settle_case *cases;
	size_t n;

	if (!r->pass) {
		struct desired_source source = source_of(r);
		struct err *e;

		pass_begin(r);
		e = pass_observe(r->pass, &source, r->config.datapath);
		if (!e) {
			lingering_note(r->lingering, r->pass->desired->want,
				       r->pass->have);
			port_watch_note(r->port_watch, r->pass->have);
			pass_plan(r->pass, &source, r->grace, must_keep_leftovers(r));
			e = pass_prepare(r);
		}
		if (e) {
			pass_give_up(r, e);
			return;
		}
		r->pass->apply = apply_new(r->config.datapath, r->pass->plan);
	}
	if (!apply_run(r->pass->apply, SLICE_MS)) {
		report_note_rows(r->config.columns, r->pass);
		if (clock_now_ms() - r->pass->started_ms >= PENDING_AFTER_MS)
			report_pending(r->config.columns, r->config.db, r->pass);
		loop_timer_set(r->slice_timer, 0);
		return;
	}
	count_steps(&r->counts, apply_results(r->pass->apply), r->pass->plan->n_steps);
	log_failure("book_not_written", pass_settle_netns(r->pass, r->netns));
	pass_note_made(r->pass, r->aliases);
	announcer_note(r->announcer, r->pass->plan, apply_results(r->pass->apply));
	report = report_of(r);
	cases = report_cases(&report, &n);
	log_failure("status_not_written",
		    report_write(&report, settle(cases, n, r->pass->a), n));
	r->retry_ms = 0;
	count_duration(&r->counts.passes, count_now_us() - r->counts.pass_began_us);
	pass_end(r);
}

static void on_pass(void *aux)
{
	struct reconciler *r = aux;

	datapath_hold(r->config.datapath, true);
	run_pass(r);
	datapath_hold(r->config.datapath, false);
}

static struct err *init(struct reconciler *r)
{
	struct err *e = netns_registry_new(r->config.columns, r->config.db, &r->netns);

	if (!e)
		e = settled_new(r->config.columns, &r->settled);
	if (!e)
		e = saved_new(r->config.columns, r->config.db, &r->saved);
	if (e)
		return e;
	r->queue = queue_new();
	r->slaves = slave_index_new(r->config.columns);
	r->aliases = aliases_new();
	r->own_addresses = own_addresses_new();
	r->grace = grace_new();
	r->drift = drift_log_new(r->config.columns);
	r->observer = db_observe(r->config.db, on_commit, r);
	r->events = loop_io_new(r->config.loop, datapath_event_fd(r->config.datapath),
				LOOP_READ, on_events, r);
	r->pass_timer = loop_timer_new(r->config.loop, on_pass, r);
	r->slice_timer = loop_timer_new(r->config.loop, on_pass, r);
	r->port_watch = port_watch_new(&(struct port_watch_config){
		.loop = r->config.loop,
		.datapath = r->config.datapath,
		.source = source_of(r),
		.is_busy = is_busy,
		.changed = on_port_change,
		.aux = r,
	});
	r->announcer = announcer_new(&(struct announcer_config){
		.loop = r->config.loop,
		.columns = r->config.columns,
		.datapath = r->config.datapath,
	});
	r->lingering = object_set_new();
	r->audit_timer = loop_timer_new(r->config.loop, on_audit, r);
	r->grace_timer = loop_timer_new(r->config.loop, on_grace_end, r);
	return NULL;
}

struct err *reconciler_new(const struct reconciler_config *config,
			   struct reconciler **ret_r)
{
	struct reconciler *r = xcalloc(1, sizeof(*r));
	struct err *e;

	r->config = *config;
	e = init(r);
	if (e) {
		reconciler_free(r);
		return e;
	}
	queue_mark_all(r->queue);
	schedule(r, 0);
	port_watch_set(r->port_watch);
	if (r->config.audit_ms)
		loop_timer_set(r->audit_timer, r->config.audit_ms);
	*ret_r = r;
	return NULL;
}

void reconciler_free(struct reconciler *r)
{
	if (!r)
		return;
	pass_free(r->pass);
	loop_timer_free(r->grace_timer);
	loop_timer_free(r->audit_timer);
	announcer_free(r->announcer);
	port_watch_free(r->port_watch);
	loop_timer_free(r->slice_timer);
	loop_timer_free(r->pass_timer);
	loop_io_free(r->events);
	db_unobserve(r->observer);
	drift_log_free(r->drift);
	grace_free(r->grace);
	object_set_free(r->lingering);
	aliases_free(r->aliases);
	own_addresses_free(r->own_addresses);
	slave_index_free(r->slaves);
	queue_free(r->queue);
	netns_registry_free(r->netns);
	settled_free(r->settled);
	saved_free(r->saved);
	free(r);
}

struct desired_source reconciler_source(const struct reconciler *r)
{
	return source_of(r);
}

struct announcer *reconciler_announcer(const struct reconciler *r)
{
	return r->announcer;
}

const struct counts *reconciler_counts(const struct reconciler *r)
{
	return &r->counts;
}
