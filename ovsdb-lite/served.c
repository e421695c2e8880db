/* A database that is served, and what a commit of it sets off: its watchers are told at
 * once, a message for each transaction; waiting transactions are tried again, syncs and
 * checkpoints begun in the next turn of the loop. Where there are so many that others
 * would have to wait, the rest has to, and those behind are told of several at once.
 *
 * Beside it: server.c has the databases, transact.c and monitor.c do the work, flush.c
 * the syncs. */
#include "ovsdb-lite/session.h"

#include "lib/alloc.h"

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
	bool is_done = tell_watchers(d);

	/* What these commit sets the timer anew as well. */
	if (!transact_retry(d) || !is_done)
		loop_timer_set(d->settle, 0);
	flush_turn(d->flush);
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct served_db *d = aux;

	d->n_commits++;
	monitor_set_note(d->monitors, txn);
	(void)tell_watchers(d);
	loop_timer_set(d->settle, 0);
}

static void on_synced(void *aux, uint64_t sync, const struct err *e)
{
	struct served_db *d = aux;
	struct session *s, *next;

	DL_FOREACH_SAFE2 (d->server->held, s, next, next_held)
		session_synced(s, d, sync, e);
	loop_timer_set(d->settle, 0);
}

struct served_db *served_new(struct server *s, struct db *db)
{
	struct served_db *d = xcalloc(1, sizeof(*d));

	d->server = s;
	d->db = db;
	d->monitors = monitor_set_new(db);
	d->observer = db_observe(db, on_commit, d);
	d->flush = flush_new(db, s->syncer, s->checkpointer, on_synced, d);
	d->settle = loop_timer_new(s->loop, on_settle, d);
	return d;
}

void served_free(struct served_db *d)
{
	loop_timer_free(d->settle);
	flush_free(d->flush);
	db_unobserve(d->observer);
	monitor_set_free(d->monitors);
	free(d);
}
