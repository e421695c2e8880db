/* A database that is served, and what a commit of it sets off: its watchers are told at
 * once, a message for each transaction; waiting transactions are tried again, syncs and
 * checkpoints begun in the next turn of the loop. Where there are so many that others
 * would have to wait, the rest has to, and those behind are told of several at once.
 *
 * Its conversion to another schema is here too.
 *
 * Beside it: server.c has the databases, transact.c and monitor.c do the work, flush.c
 * the syncs. */
#include "ovsdb-lite/server/session.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/server_db.h"

#include <stdlib.h>
#include <utlist.h>

/* False if time ran out before all were. */
static bool tell_watchers(struct hosted_db *d)
{
	int64_t end_ms = loop_now_ms() + ITERATION_MS;
	struct watch *sm;

	while ((sm = d->watchers) && sm->n_commits != d->n_commits) {
		if (loop_now_ms() >= end_ms)
			return false;
		sm->n_commits = d->n_commits;
		DL_DELETE2(d->watchers, sm, prev_watcher, next_watcher);
		DL_APPEND2(d->watchers, sm, prev_watcher, next_watcher);
		session_tell_if_able(sm->session, sm->monitor);
	}
	return true;
}

static void on_settle(void *aux)
{
	struct hosted_db *d = aux;
	bool is_done;

	eviction_relieve_unsent(d->server);
	is_done = tell_watchers(d);
	/* What these commit sets the timer anew as well. */
	if (!transact_retry(d) || !is_done)
		loop_timer_set(d->settle, 0);
	group_commit_step(d->commits);
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct hosted_db *d = aux;

	d->n_commits++;
	session_history_note(d->history, txn);
	monitor_set_note(d->monitors, txn);
	(void)tell_watchers(d);
	loop_timer_set(d->settle, 0);
}

static void on_synced(void *aux, uint64_t sync, const struct err *e)
{
	struct hosted_db *d = aux;
	struct session *s, *next;

	/* What is done for one of them takes no other off the list: nobody else is cut
	 * off meanwhile. */
	DL_FOREACH_SAFE2 (d->server->held, s, next, next_held)
		session_synced(s, d, sync, e);
	loop_timer_set(d->settle, 0);
}

static void tell_canceled(const struct watch *sm)
{
	struct json_object *params = json_array();

	json_add(params, json_clone(monitor_id(sm->monitor)));
	session_notify(sm->session, "monitor_canceled", params);
}

/* Monitors hold rows and columns, which are about to go. */
static void on_converting(void *aux)
{
	struct hosted_db *d = aux;
	struct watch *sm, *next;

	DL_FOREACH_SAFE2 (d->watchers, sm, next, next_watcher) {
		if (sm->session->is_change_aware)
			tell_canceled(sm);
		watch_free(sm);
	}
	monitor_set_free(STEAL(d->monitors));
	session_history_forget(d->history);
}

/* ovsdb-wire 5: they know no other way to learn that the schema is another. */
static void cut_off_unaware(struct hosted_db *d, struct session *asker)
{
	struct session *s;

	DL_FOREACH (d->server->sessions, s) {
		if (s->is_change_aware || s->is_aborted)
			continue;
		if (s == asker)
			session_end(s);
		else
			session_abort(s, "a database was converted");
	}
}

struct err *hosted_db_convert(struct hosted_db *d, const struct schema *schema,
			   struct session *asker)
{
	struct err *e = db_convert(d->db, schema);

	if (e)
		return e;
	d->monitors = monitor_set_new(d->db);
	cut_off_unaware(d, asker);
	transact_cancel_all(d);
	server_db_publish(d->server->own, d->db);
	loop_timer_set(d->settle, 0); /* for a checkpoint */
	return NULL;
}

struct hosted_db *hosted_db_new(struct server *s, struct db *db)
{
	struct hosted_db *d = xcalloc(1, sizeof(*d));

	d->server = s;
	d->db = db;
	d->name = xstrdup(db_name(db));
	d->monitors = monitor_set_new(db);
	d->observer = db_observe(db, on_commit, d);
	d->history = session_history_new(d);
	d->commits = group_commit_new(db, s->syncer, s->checkpointer, on_synced, d);
	d->settle = loop_timer_new(s->loop, on_settle, d);
	db_on_converting(db, on_converting, d);
	return d;
}

void hosted_db_free(struct hosted_db *d)
{
	loop_timer_free(d->settle);
	session_history_free(d->history);
	group_commit_free(d->commits);
	db_unobserve(d->observer);
	db_on_converting(d->db, NULL, NULL);
	monitor_set_free(d->monitors);
	free(d->name);
	free(d);
}
