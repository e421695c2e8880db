/* Runs transactions and answers them. One whose `wait` does not hold waits for the next
 * commit, or for its timeout. */
#include "ovsdb-lite/server/transact.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/session_keep.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/server/watch.h"
#include "ovsdb-lite/json/json_key.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define MAX_WAITING 1000 /* of one client; more get "resources exhausted" */

/* A transaction whose `wait` does not hold yet. */
struct waiting {
	struct session *session;
	struct transact_queue *queue;
	struct json_object *params, *id;
	char *key; /* json_key() of the id */
	size_t kept_bytes;
	int64_t arrived_ms;
	uint64_t n_commits; /* of the queue, when it was last tried */
	uint64_t work;      /* exec_result.work of that */
	struct loop_timer *timer;
	UT_hash_handle hh; /* of the session, by key */
	struct waiting *prev_in_queue, *next_in_queue;
};

static bool owns_lock(void *aux, const char *lock)
{
	struct session *s = aux;

	return lock_is_owned(s->common->locks, s, lock);
}

static void run(struct session *s, const struct transact_queue *q,
		const struct json_object *params, int64_t elapsed_ms,
		struct exec_result *ret_result)
{
	struct exec_request request = {
		.db = q->db,
		.guard = &q->guard,
		.params = params,
		.origin = s->origin,
		.subject = s->subject,
		.owns_lock = owns_lock,
		.aux = s,
		.max_work = s->common->limits.max_work,
		.elapsed_ms = elapsed_ms,
	};

	exec_transact(&request, ret_result);
}

static void reply(struct session *s, struct transact_queue *q,
		  const struct exec_result *result, struct json_object *id)
{
	/* ovsdb-wire.md 4: updates of what is committed are sent before the reply, however
	 * slow the client is. */
	watch_send_all(s);
	session_reply_transact(s, result->reply, id, result->durable ? q->commits : NULL);
}

static void drop(struct waiting *w)
{
	HASH_DEL(w->session->waiting, w);
	DL_DELETE2(w->queue->first, w, prev_in_queue, next_in_queue);
	session_release_kept(w->session, w->kept_bytes);
	loop_timer_free(w->timer);
	json_free(w->params);
	json_free(w->id);
	free(w->key);
	free(w);
}

static void retry_at(struct waiting *w, int64_t wait_ms)
{
	if (wait_ms < 0)
		loop_timer_clear(w->timer);
	else
		loop_timer_set(w->timer, wait_ms);
}

static void retry(struct waiting *w)
{
	struct exec_result result = {0};

	w->n_commits = w->queue->n_commits;
	run(w->session, w->queue, w->params, clock_now_ms() - w->arrived_ms, &result);
	w->work = result.work;
	if (!result.reply) {
		retry_at(w, result.wait_ms);
		return;
	}
	session_begin_batch(w->session);
	reply(w->session, w->queue, &result, STEAL(w->id));
	session_end_batch(w->session);
	drop(w);
}

static void on_timeout(void *aux)
{
	struct waiting *w = aux;

	if (!w->session->is_aborted)
		retry(w);
}

/* 'key' NULL: of an id longer than those that may wait. */
static struct waiting *find(const struct session *s, const char *key)
{
	struct waiting *w = NULL;

	if (key)
		HASH_FIND_STR(s->waiting, key, w);
	return w;
}

/* All of a client's are tried again after a commit: together they may cost as much as one
 * transaction. The first one may cost more, in a large table. */
static bool is_too_much_work(const struct session *s, uint64_t work)
{
	for (const struct waiting *w = s->waiting; w; w = w->hh.next)
		work += w->work;
	return s->waiting && work > s->common->limits.max_work;
}

static struct err *check_waiting(const struct session *s, const char *key, uint64_t work)
{
	if (!key)
		return err_new(ERR_RESOURCES,
			       "the id of a transaction that has to wait may have %d "
			       "bytes",
			       SESSION_MAX_ID_BYTES);
	if (HASH_COUNT(s->waiting) >= MAX_WAITING)
		return err_new(ERR_RESOURCES,
			       "%d transactions of this client are waiting already",
			       MAX_WAITING);
	if (is_too_much_work(s, work))
		return err_new(ERR_RESOURCES,
			       "to try this client's waiting transactions again is more "
			       "work than others can wait for");
	return NULL;
}

struct err *transact_start(struct session *s, struct transact_queue *q,
			   const struct jsonrpc_message *m)
{
	struct exec_result result = {0};
	struct waiting *w;
	size_t kept_bytes = 0;
	CLEANUP(freep) char *key = NULL;
	struct err *e;

	if (s->waiting)
		key = json_key(m->id, SESSION_MAX_ID_BYTES);
	if (find(s, key))
		return err_new(ERR_SYNTAX, "duplicate request ID");
	run(s, q, m->params, 0, &result);
	if (result.reply) {
		reply(s, q, &result, json_clone(m->id));
		return NULL;
	}
	if (!key)
		key = json_key(m->id, SESSION_MAX_ID_BYTES);
	e = check_waiting(s, key, result.work);
	if (!e)
		e = session_keep(s, &kept_bytes);
	if (e)
		return e;
	w = xcalloc(1, sizeof(*w));
	w->session = s;
	w->kept_bytes = kept_bytes;
	w->queue = q;
	w->params = json_clone(m->params);
	w->id = json_clone(m->id);
	w->key = STEAL(key);
	w->arrived_ms = clock_now_ms();
	w->n_commits = q->n_commits;
	w->work = result.work;
	w->timer = loop_timer_new(s->common->loop, on_timeout, w);
	HASH_ADD_KEYPTR(hh, s->waiting, w->key, strlen(w->key), w);
	DL_APPEND2(q->first, w, prev_in_queue, next_in_queue);
	retry_at(w, result.wait_ms);
	return NULL;
}

bool transact_retry(struct transact_queue *q)
{
	int64_t end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	struct waiting *w;

	while ((w = q->first) && w->n_commits != q->n_commits) {
		if (clock_now_ms() >= end_ms)
			return false;
		DL_DELETE2(q->first, w, prev_in_queue, next_in_queue);
		DL_APPEND2(q->first, w, prev_in_queue, next_in_queue);
		if (w->session->is_aborted)
			w->n_commits = q->n_commits;
		else
			retry(w);
	}
	return true;
}

static void cancel(struct waiting *w)
{
	session_reply_error(w->session, json_string(err_code_name(ERR_CANCELED)),
			    STEAL(w->id));
	drop(w);
}

void transact_cancel(struct session *s, const struct json_object *id)
{
	CLEANUP(freep) char *key = json_key(id, SESSION_MAX_ID_BYTES);
	struct waiting *w = find(s, key);

	if (w)
		cancel(w);
}

void transact_cancel_all(struct transact_queue *q)
{
	while (q->first)
		cancel(q->first);
}

void transact_drop_all(struct session *s)
{
	struct waiting *w, *next;

	HASH_ITER (hh, s->waiting, w, next)
		drop(w);
}
