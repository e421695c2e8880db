/* What a commit of a database causes. Its monitors send their updates at once, a message
 * for each transaction. Waiting transactions are tried again, and syncs and checkpoints
 * begin, at the end of the iteration of the loop, when no callback of a session is on the
 * stack. Where there are so many that other clients would have to wait, the rest comes in
 * later iterations, with the updates of several transactions in one message. */
#include "ovsdb-lite/server/hosted_db.h"

#include "lib/alloc.h"
#include "ovsdb-lite/server/eviction.h"
#include "ovsdb-lite/server/server_db.h"
#include "ovsdb-lite/server/session_out.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* So long the file's locks are kept after a commit. */
#define BUSY_MS 5
/* After so long without a commit the log is made short. */
#define IDLE_MS 1000

static void on_settle(void *aux)
{
	struct hosted_db *d = aux;
	bool is_done;

	d->is_settling = true;
	eviction_relieve_unsent(d->common);
	is_done = watch_list_send(&d->watches);
	/* Commits of these have to settle, too. */
	if (!transact_retry(&d->waiting) || !is_done)
		loop_timer_set(d->settle, 0);
	group_commit_step(d->commits);
	d->is_settling = false;
}

/* At the end of this iteration; what settling itself causes, in the next one. */
static void settle(struct hosted_db *d)
{
	if (d->is_settling)
		loop_timer_set(d->settle, 0);
	else
		loop_timer_set_end(d->settle);
}

static void on_rest(void *aux)
{
	struct hosted_db *d = aux;

	d->is_busy = false;
	db_set_busy(d->db, false);
	loop_timer_set(d->idle, IDLE_MS);
}

static void on_idle(void *aux)
{
	struct hosted_db *d = aux;

	group_commit_rest(d->commits);
}

/* For a while, not for as long as commits come: another program may want to write. */
static void set_busy(struct hosted_db *d)
{
	if (d->is_busy)
		return;
	d->is_busy = true;
	db_set_busy(d->db, true);
	loop_timer_set(d->rest, BUSY_MS);
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct hosted_db *d = aux;

	d->watches.n_commits++;
	d->waiting.n_commits++;
	session_history_note(d->history, txn);
	monitor_set_note(d->watches.monitors, txn);
	set_busy(d);
	/* In a turn nobody is sent anything before its end. on_settle() continues with the
	 * rest. */
	if (!db_turn_is_open(d->db))
		(void)watch_list_send(&d->watches);
	settle(d);
}

static void on_synced(void *aux, uint64_t sync, const struct err *e)
{
	struct hosted_db *d = aux;
	struct session *s, *next;

	/* A session leaves the list only by its own messages: an abort of another one, by
	 * what is done here, leaves that one in the list. */
	DL_FOREACH_SAFE2 (d->common->held, s, next, next_held) {
		session_begin_batch(s);
		session_synced(s, d->commits, sync, e);
		watch_send_all_if_able(s);
		session_end_batch(s);
		session_abort_if_done(s);
		session_resume(s);
	}
	if (!d->is_settling) /* else by the step that would begin the next one */
		loop_timer_set(d->synced, 0);
}

/* The next sync is for the requests of this iteration, too. */
static void on_after_sync(void *aux)
{
	settle(aux);
}

/* Monitors hold rows and columns, which are about to go. */
static void on_converting(void *aux)
{
	struct hosted_db *d = aux;

	watch_list_cancel(&d->watches);
	monitor_set_free(STEAL(d->watches.monitors));
	session_history_forget(d->history);
}

/* ovsdb-wire.md 5: they have no other way to learn that the schema is another. */
static void cut_off_unaware(struct hosted_db *d, struct session *asker)
{
	struct session *s;

	DL_FOREACH (d->common->sessions, s) {
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
	d->watches.monitors = monitor_set_new(d->db);
	cut_off_unaware(d, asker);
	transact_cancel_all(&d->waiting);
	server_db_publish(d->server_db, d->db);
	loop_timer_set(d->settle, 0); /* for a checkpoint */
	return NULL;
}

void hosted_db_new(struct session_common *common, struct db *db, struct db *server_db,
		   struct worker *syncer, struct worker *checkpointer)
{
	struct hosted_db *d = xcalloc(1, sizeof(*d));

	d->common = common;
	d->db = db;
	d->name = xstrdup(db_name(db));
	d->server_db = server_db;
	d->watches.monitors = monitor_set_new(db);
	d->observer = db_observe(db, on_commit, d);
	d->history = session_history_new(common, db);
	d->settle = loop_timer_new(common->loop, on_settle, d);
	d->synced = loop_timer_new(common->loop, on_after_sync, d);
	d->rest = loop_timer_new(common->loop, on_rest, d);
	d->idle = loop_timer_new(common->loop, on_idle, d);
	d->commits = group_commit_new(db, syncer, checkpointer, d->settle, on_synced, d);
	d->waiting = (struct transact_queue){
		.db = db, .commits = d->commits, .watches = &d->watches};
	db_on_converting(db, on_converting, d);
	HASH_ADD_KEYPTR(hh, common->dbs, d->name, strlen(d->name), d);
}

void hosted_db_free(struct hosted_db *d)
{
	if (!d)
		return;
	assert(!d->watches.first && !d->waiting.first);
	HASH_DEL(d->common->dbs, d);
	loop_timer_free(d->settle);
	loop_timer_free(d->synced);
	loop_timer_free(d->rest);
	loop_timer_free(d->idle);
	db_set_busy(d->db, false);
	session_history_free(d->history);
	group_commit_free(d->commits);
	db_unobserve(d->observer);
	db_on_converting(d->db, NULL, NULL);
	monitor_set_free(d->watches.monitors);
	free(d->name);
	free(d);
}
