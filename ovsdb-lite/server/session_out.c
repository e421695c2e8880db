/* What a session sends. While messages are held or unread, monitors send no updates: they
 * merge the changes. Only before the reply to a transaction all are sent (ovsdb-wire.md
 * 4). */
#include "ovsdb-lite/server/session_out.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"
#include "ovsdb-lite/wire/jsonrpc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct outgoing {
	char *text;
	size_t n;
	const struct group_commit *durable_in; /* whose sync it waits for; NULL: none */
	uint64_t sync;                         /* the number of that sync */
	struct json_object *id; /* of a durable reply that is not a transaction's */
};

static void outgoing_clear(struct outgoing *o)
{
	free(o->text);
	json_free(o->id);
}

size_t session_unsent_bytes(const struct session *s)
{
	assert(!s->is_aborted);
	return stream_unsent_bytes(s->stream) + s->out.n + s->held_bytes;
}

/* --- to the stream --- */

/* Requests wait until the client reads its replies: check later whether it did. */
static void set_send_timeout(struct session *s)
{
	size_t unsent = stream_unsent_bytes(s->stream);

	if (loop_timer_is_set(s->send_timeout) || !unsent ||
	    (!s->n_inbox && unsent <= SESSION_PAUSE_BYTES))
		return;
	s->unsent_at_timeout = unsent;
	loop_timer_set(s->send_timeout, s->common->limits.send_timeout_ms);
}

void session_on_send_timeout(void *aux)
{
	struct session *s = aux;

	if (stream_unsent_bytes(s->stream) >= s->unsent_at_timeout)
		session_abort(s, "it does not read its replies");
	else
		set_send_timeout(s);
}

static void send_out(struct session *s)
{
	if (s->out.n && !s->is_aborted) {
		stream_write_buffer(s->stream, &s->out);
		set_send_timeout(s);
	}
	buffer_clear(&s->out);
}

/* Takes 'o'. A large reply is not copied. */
static void append_out(struct session *s, struct outgoing o)
{
	if (s->out.n) {
		buffer_put(&s->out, o.text, o.n);
	} else {
		buffer_clear(&s->out);
		s->out = (struct buffer){STEAL(o.text), o.n, o.n + 1};
	}
	outgoing_clear(&o);
}

/* --- held --- */

static void hold(struct session *s, struct outgoing o)
{
	if (!s->n_held)
		DL_APPEND2(s->common->held, s, prev_held, next_held);
	s->held = xgrow(s->held, s->n_held, &s->cap_held, sizeof(*s->held));
	s->held[s->n_held++] = o;
	s->held_bytes += o.n;
}

/* Sends what does not wait for a sync, in order. */
static void release(struct session *s)
{
	size_t n = 0;

	while (n < s->n_held && !s->held[n].durable_in) {
		s->held_bytes -= s->held[n].n;
		append_out(s, s->held[n++]);
	}
	if (!n)
		return;
	s->n_held -= n;
	memmove(s->held, s->held + n, s->n_held * sizeof(*s->held));
	if (!s->n_held)
		DL_DELETE2(s->common->held, s, prev_held, next_held);
}

/* The change is visible and in the file, but may not survive a crash. */
static void reply_sync_failed(struct outgoing *o, const struct err *e)
{
	if (o->id) {
		free(o->text);
		o->text = jsonrpc_error(error_object_new(e), STEAL(o->id));
	} else {
		o->text = jsonrpc_reply_add(o->text, error_object_new(e));
	}
}

static void mark_synced(struct session *s, const struct group_commit *of, uint64_t sync,
			const struct err *e)
{
	for (size_t i = 0; i < s->n_held; i++) {
		struct outgoing *o = &s->held[i];

		if (o->durable_in != of || o->sync != sync)
			continue;
		o->durable_in = NULL;
		if (!e)
			continue;
		s->held_bytes -= o->n;
		reply_sync_failed(o, e);
		o->n = strlen(o->text);
		s->held_bytes += o->n;
	}
}

void session_synced(struct session *s, const struct group_commit *of, uint64_t sync,
		    const struct err *e)
{
	assert(s->in_batch);
	if (s->is_aborted)
		return;
	mark_synced(s, of, sync, e);
	release(s);
}

void session_abort_if_done(struct session *s)
{
	if (!s->n_held && !s->task && s->is_ending)
		session_abort(s, "it has what it asked for");
}

void session_drop_messages(struct session *s)
{
	buffer_clear(&s->out);
	for (size_t i = 0; i < s->n_held; i++)
		outgoing_clear(&s->held[i]);
	if (s->n_held)
		DL_DELETE2(s->common->held, s, prev_held, next_held);
	free(s->held);
	s->held = NULL;
	s->n_held = s->cap_held = s->held_bytes = 0;
}

/* --- batches --- */

void session_begin_batch(struct session *s)
{
	assert(!s->in_batch);
	s->in_batch = true;
}

void session_end_batch(struct session *s)
{
	assert(s->in_batch);
	s->in_batch = false;
	send_out(s);
}

/* Takes 'o' and what is in it. */
static void put_out(struct session *s, struct outgoing o)
{
	if (!s->is_aborted &&
	    session_unsent_bytes(s) > s->common->limits.max_unsent_bytes)
		session_abort(s, "too many bytes of unread replies");
	if (s->is_aborted) {
		outgoing_clear(&o);
		return;
	}
	o.n = strlen(o.text);
	if (s->n_held || o.durable_in)
		hold(s, o);
	else
		append_out(s, o);
	if (!s->in_batch)
		send_out(s);
	if (!s->is_aborted)
		share_set(&s->share, SHARE_UNSENT, session_unsent_bytes(s));
}

/* --- messages --- */

void session_notify(struct session *s, const char *method, struct json_object *params)
{
	put_out(s, (struct outgoing){.text = jsonrpc_notification(method, params)});
}

void session_request(struct session *s, const char *method, struct json_object *params,
		     struct json_object *id)
{
	put_out(s, (struct outgoing){.text = jsonrpc_request(method, params, id)});
}

void session_reply(struct session *s, struct json_object *result, struct json_object *id)
{
	put_out(s, (struct outgoing){.text = jsonrpc_reply(result, id)});
}

void session_reply_error(struct session *s, struct json_object *error,
			 struct json_object *id)
{
	put_out(s, (struct outgoing){.text = jsonrpc_error(error, id)});
}

void session_reply_text(struct session *s, struct buffer *result, struct json_object *id)
{
	put_out(s, (struct outgoing){.text = jsonrpc_reply_text(result, id)});
}

static void wait_for_sync(struct outgoing *o, struct group_commit *in)
{
	o->durable_in = in;
	o->sync = group_commit_request(in);
}

void session_reply_durable(struct session *s, struct json_object *result,
			   struct json_object *id, struct group_commit *durable_in)
{
	struct outgoing o = {.id = json_clone(id)};

	o.text = jsonrpc_reply(result, id);
	wait_for_sync(&o, durable_in);
	put_out(s, o);
}

void session_reply_transact(struct session *s, struct json_object *results,
			    struct json_object *id, struct group_commit *durable_in)
{
	struct outgoing o = {0};

	o.text = jsonrpc_reply(results, id);
	if (durable_in)
		wait_for_sync(&o, durable_in);
	put_out(s, o);
}

void session_send_text(struct session *s, char *text)
{
	put_out(s, (struct outgoing){.text = text});
}

/* --- what the client's reading holds up --- */

bool session_keeps_up(const struct session *s)
{
	return !s->is_aborted && !s->n_held && !s->task &&
	       !stream_unsent_bytes(s->stream);
}

bool session_is_held_up(const struct session *s)
{
	return s->task || session_unsent_bytes(s) > SESSION_PAUSE_BYTES;
}

void session_resume(struct session *s)
{
	struct loop_timer *resume = s->common->resume;
	int64_t pause_ms = s->task ? s->task->pause_ms : 0;
	bool can;

	if (s->is_aborted || s->is_queued || s->is_fresh)
		return;
	can = s->task || (!s->is_ending && s->n_inbox && !session_is_held_up(s));
	if (!can)
		return;
	DL_APPEND2(s->common->backlog, s, prev_backlog, next_backlog);
	s->is_queued = true;
	if (!pause_ms || !loop_timer_is_set(resume))
		loop_timer_set(resume, pause_ms);
}
