/* What a session sends: replies, notifications and updates in their order, joined into
 * one write for a batch, and held while a durable reply among them waits for its sync.
 *
 * While messages are held or unread, monitors are told nothing: they merge what happens
 * meanwhile. Only before the reply to a transaction they are told all (ovsdb-wire 4).
 * Beside it: session.c is the client's life and what it says; flush.c syncs. */
#include "ovsdb-lite/server/session.h"

#include "lib/alloc.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct outgoing {
	char *text;
	size_t n;
	const struct hosted_db *durable_in; /* whose sync it waits for; NULL: none */
	uint64_t sync;                      /* its number */
	struct json_object *id; /* of a durable reply that is no transaction's */
};

static void outgoing_clear(struct outgoing *o)
{
	free(o->text);
	json_free(o->id);
}

size_t session_unsent_bytes(const struct session *s)
{
	return stream_unsent_bytes(s->stream) + s->out.n + s->held_bytes;
}

/* --- to the stream --- */

/* The client's replies wait for it to read: find out later whether it did. */
static void watch_sending(struct session *s)
{
	size_t unsent = stream_unsent_bytes(s->stream);

	if (loop_timer_is_set(s->send_timeout) || !unsent ||
	    (!s->n_inbox && unsent <= SESSION_PAUSE_BYTES))
		return;
	s->unsent_at_timeout = unsent;
	loop_timer_set(s->send_timeout, s->server->limits.send_timeout_ms);
}

void session_on_send_timeout(void *aux)
{
	struct session *s = aux;

	if (stream_unsent_bytes(s->stream) >= s->unsent_at_timeout)
		session_abort(s, "it does not read its replies");
	else
		watch_sending(s);
}

static void send_out(struct session *s)
{
	if (s->out.n && !s->is_aborted) {
		stream_write_buffer(s->stream, &s->out);
		watch_sending(s);
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
		DL_APPEND2(s->server->held, s, prev_held, next_held);
	s->held = xgrow(s->held, s->n_held, &s->cap_held, sizeof(*s->held));
	s->held[s->n_held++] = o;
	s->held_bytes += o.n;
}

/* Gives out what is not, or no longer, waiting for a sync. */
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
		DL_DELETE2(s->server->held, s, prev_held, next_held);
}

/* The change is visible and in the file, but nobody can say that it will stay. */
static void reply_sync_failed(struct outgoing *o, const struct err *e)
{
	if (o->id) {
		free(o->text);
		o->text = jsonrpc_error(error_object_new(e), STEAL(o->id));
	} else {
		o->text = jsonrpc_reply_add(o->text, error_object_new(e));
	}
}

static void mark_synced(struct session *s, const struct hosted_db *db, uint64_t sync,
			const struct err *e)
{
	for (size_t i = 0; i < s->n_held; i++) {
		struct outgoing *o = &s->held[i];

		if (o->durable_in != db || o->sync != sync)
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

void session_synced(struct session *s, const struct hosted_db *db, uint64_t sync,
		    const struct err *e)
{
	mark_synced(s, db, sync, e);
	session_begin_batch(s);
	release(s);
	session_tell_all_if_able(s);
	session_end_batch(s);
	if (!s->n_held && !s->reading && s->is_ending)
		session_abort(s, "it has what it asked for");
	session_resume(s);
}

void session_drop_messages(struct session *s)
{
	buffer_clear(&s->out);
	for (size_t i = 0; i < s->n_held; i++)
		outgoing_clear(&s->held[i]);
	if (s->n_held)
		DL_DELETE2(s->server->held, s, prev_held, next_held);
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
	if (!s->is_aborted && session_unsent_bytes(s) > s->server->limits.max_unsent_bytes)
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

/* Begins the sync when this turn of the loop is over. */
static void want_sync(struct outgoing *o, struct hosted_db *db)
{
	o->durable_in = db;
	o->sync = group_commit_request(db->commits);
	loop_timer_set(db->settle, 0);
}

void session_reply_durable(struct session *s, struct json_object *result,
			   struct json_object *id, struct hosted_db *durable_in)
{
	struct outgoing o = {.id = json_clone(id)};

	o.text = jsonrpc_reply(result, id);
	want_sync(&o, durable_in);
	put_out(s, o);
}

void session_reply_transact(struct session *s, struct json_object *results,
			    struct json_object *id, struct hosted_db *durable_in)
{
	struct outgoing o = {0};
	struct watch *sm;

	/* ovsdb-wire 4: what is committed is told before the reply, however slow the
	 * client. */
	DL_FOREACH (s->monitors, sm)
		session_tell(s, sm->monitor);
	o.text = jsonrpc_reply(results, id);
	if (durable_in)
		want_sync(&o, durable_in);
	put_out(s, o);
}

/* --- updates --- */

void session_tell(struct session *s, struct monitor *m)
{
	struct buffer update = {0};

	if (monitor_write_update(m, &update))
		put_out(s, (struct outgoing){.text = buffer_take(&update)});
}

static bool is_able(const struct session *s)
{
	return !s->is_aborted && !s->n_held && !s->reading &&
	       !stream_unsent_bytes(s->stream);
}

void session_tell_if_able(struct session *s, struct monitor *m)
{
	if (is_able(s))
		session_tell(s, m);
}

void session_tell_all_if_able(struct session *s)
{
	struct watch *sm;

	DL_FOREACH (s->monitors, sm)
		session_tell_if_able(s, sm->monitor);
}
