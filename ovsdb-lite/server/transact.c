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
#include "ovsdb-lite/wire/error_object.h"

#include <assert.h>
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

/* 'result' is that of the first try. */
static struct err *begin_waiting(struct session *s, struct transact_queue *q,
				 const struct json_object *params,
				 const struct json_object *id,
				 const struct exec_result *result)
{
	CLEANUP(freep) char *key = json_key(id, SESSION_MAX_ID_BYTES);
	size_t kept_bytes = 0;
	struct waiting *w;
	struct err *e;

	e = check_waiting(s, key, result->work);
	if (!e)
		e = session_keep(s, &kept_bytes);
	if (e)
		return e;
	w = xcalloc(1, sizeof(*w));
	w->session = s;
	w->kept_bytes = kept_bytes;
	w->queue = q;
	w->params = json_clone(params);
	w->id = json_clone(id);
	w->key = STEAL(key);
	w->arrived_ms = clock_now_ms();
	w->n_commits = q->n_commits;
	w->work = result->work;
	w->timer = loop_timer_new(s->common->loop, on_timeout, w);
	HASH_ADD_KEYPTR(hh, s->waiting, w->key, strlen(w->key), w);
	DL_APPEND2(q->first, w, prev_in_queue, next_in_queue);
	retry_at(w, result->wait_ms);
	return NULL;
}

/* --- turns --- */

#define MAX_ANSWERS 64

/* The reply to a transaction of the turn. */
struct answer {
	struct session *session;
	struct json_object *params, *id;
	struct exec_result result;
	bool has_batch; /* of the session, for this and its other answers */
};

struct transact_turn {
	bool may_share;
	struct transact_queue *queue; /* whose database is in a turn; NULL: none is */
	int64_t end_ms;
	struct answer answers[MAX_ANSWERS];
	size_t n_answers;
};

struct transact_turn *transact_turn_new(void)
{
	return xcalloc(1, sizeof(struct transact_turn));
}

void transact_turn_free(struct transact_turn *t)
{
	assert(!t || !t->queue);
	free(t);
}

/* As if it had come only now, and alone. */
static void run_again(struct transact_queue *q, struct answer *a)
{
	struct session *s = a->session;
	struct exec_result result = {0};
	CLEANUP(err_freep) struct err *e = NULL;

	json_free(a->result.reply);
	run(s, q, a->params, 0, &result);
	if (result.reply) {
		reply(s, q, &result, STEAL(a->id));
		return;
	}
	if (!s->is_aborted)
		e = begin_waiting(s, q, a->params, a->id, &result);
	if (e)
		session_reply_error(s, error_object_new(e), STEAL(a->id));
}

static void answer(struct transact_queue *q, struct answer *a, bool has_failed)
{
	if (has_failed)
		run_again(q, a);
	else
		reply(a->session, q, &a->result, STEAL(a->id));
	json_free(a->params);
	json_free(a->id);
}

void transact_turn_flush(struct session_common *common)
{
	struct transact_turn *t = common->turn;
	struct transact_queue *q = STEAL(t->queue);
	CLEANUP(err_freep) struct err *e = NULL;

	if (!q)
		return;
	e = db_turn_end(q->db);
	q->n_alone = e ? MAX_ANSWERS : 0;
	/* on_settle() of the database continues with the rest. */
	(void)watch_list_send(q->watches);
	for (size_t i = 0; i < t->n_answers; i++) {
		struct answer *a = &t->answers[i];

		a->has_batch = !a->session->in_batch;
		if (a->has_batch)
			session_begin_batch(a->session);
	}
	for (size_t i = 0; i < t->n_answers; i++)
		answer(q, &t->answers[i], e);
	for (size_t i = 0; i < t->n_answers; i++) {
		if (t->answers[i].has_batch)
			session_end_batch(t->answers[i].session);
	}
	t->n_answers = 0;
}

void transact_turn_begin(struct session_common *common)
{
	assert(!common->turn->may_share && !common->turn->queue);
	common->turn->may_share = true;
}

void transact_turn_end(struct session_common *common)
{
	transact_turn_flush(common);
	common->turn->may_share = false;
}

/* True if the next transaction is one of a turn. */
static bool join_turn(struct transact_turn *t, struct session_common *common,
		      struct transact_queue *q)
{
	bool may_share = t->may_share && db_path(q->db) && !q->n_alone;

	if (t->queue != q || !may_share || t->n_answers == MAX_ANSWERS ||
	    clock_now_ms() >= t->end_ms)
		transact_turn_flush(common);
	if (q->n_alone)
		q->n_alone--;
	if (!may_share)
		return false;
	if (!t->queue) {
		db_turn_begin(q->db);
		t->queue = q;
		t->end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	}
	return true;
}

/* --- a request --- */

struct err *transact_start(struct session *s, struct transact_queue *q,
			   const struct jsonrpc_message *m)
{
	struct transact_turn *t = s->common->turn;
	CLEANUP(freep) char *key = NULL;
	struct exec_result result = {0};
	bool is_in_turn;

	if (s->waiting)
		key = json_key(m->id, SESSION_MAX_ID_BYTES);
	if (find(s, key))
		return err_new(ERR_SYNTAX, "duplicate request ID");
	is_in_turn = join_turn(t, s->common, q);
	run(s, q, m->params, 0, &result);
	if (!result.reply)
		return begin_waiting(s, q, m->params, m->id, &result);
	/* What nobody has changed in this turn is as it was. */
	if (is_in_turn && (result.changed || t->n_answers))
		t->answers[t->n_answers++] = (struct answer){
			.session = s,
			.params = json_clone(m->params),
			.id = json_clone(m->id),
			.result = result,
		};
	else
		reply(s, q, &result, json_clone(m->id));
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
