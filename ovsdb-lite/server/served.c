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
static bool tell_watchers(struct served_db *d)
{
	int64_t end_ms = loop_now_ms() + TURN_MS;
	struct session_monitor *sm;

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
	struct served_db *d = aux;
	bool is_done;

	share_relieve_unsent(d->server);
	is_done = tell_watchers(d);
	/* What these commit sets the timer anew as well. */
	if (!transact_retry(d) || !is_done)
		loop_timer_set(d->settle, 0);
	flush_turn(d->flush);
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct served_db *d = aux;

	d->n_commits++;
	served_history_note(d->history, txn);
	monitor_set_note(d->monitors, txn);
	(void)tell_watchers(d);
	loop_timer_set(d->settle, 0);
}

static void on_synced(void *aux, uint64_t sync, const struct err *e)
{
	struct served_db *d = aux;
	struct session *s, *next;

	/* What is done for one of them takes no other off the list: nobody else is cut
	 * off meanwhile. */
	DL_FOREACH_SAFE2 (d->server->held, s, next, next_held)
		session_synced(s, d, sync, e);
	loop_timer_set(d->settle, 0);
}

static void tell_canceled(const struct session_monitor *sm)
{
	struct json_object *params = json_array();

	json_add(params, json_clone(monitor_id(sm->monitor)));
	session_notify(sm->session, "monitor_canceled", params);
}

/* Monitors hold rows and columns, which are about to go. */
static void on_converting(void *aux)
{
	struct served_db *d = aux;
	struct session_monitor *sm, *next;

	DL_FOREACH_SAFE2 (d->watchers, sm, next, next_watcher) {
		if (sm->session->is_change_aware)
			tell_canceled(sm);
		session_monitor_free(sm);
	}
	monitor_set_free(STEAL(d->monitors));
	served_history_forget(d->history);
}

/* ovsdb-wire 5: they know no other way to learn that the schema is another. */
static void cut_off_unaware(struct served_db *d, struct session *asker)
{
	struct session *s;

	DL_FOREACH (d->server->sessions, s) {
		if (s->is_change_aware || s->is_doomed)
			continue;
		if (s == asker)
			session_end(s);
		else
			session_doom(s, "a database was converted");
	}
}

struct err *served_convert(struct served_db *d, const struct schema *schema,
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

struct served_db *served_new(struct server *s, struct db *db)
{
	struct served_db *d = xcalloc(1, sizeof(*d));

	d->server = s;
	d->db = db;
	d->name = xstrdup(db_name(db));
	d->monitors = monitor_set_new(db);
	d->observer = db_observe(db, on_commit, d);
	d->history = served_history_new(d);
	d->flush = flush_new(db, s->syncer, s->checkpointer, on_synced, d);
	d->settle = loop_timer_new(s->loop, on_settle, d);
	db_on_converting(db, on_converting, d);
	return d;
}

void served_free(struct served_db *d)
{
	loop_timer_free(d->settle);
	served_history_free(d->history);
	flush_free(d->flush);
	db_unobserve(d->observer);
	db_on_converting(d->db, NULL, NULL);
	monitor_set_free(d->monitors);
	free(d->name);
	free(d);
}
