/* One client of the server: bytes in, messages handled, messages out, and what it may
 * cost us. Beside it: methods.c says what a request does, transact.c runs transactions,
 * monitor.c knows what a client has not been told.
 *
 * Messages that came in one read make a batch: they are run, then what must be durable is
 * synced once, then everything is sent in order. A client that does not read its replies
 * is not served on until it does; its monitors remember the difference instead of a
 * queue. */
#include "ovsdb-lite/session.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "ovsdb-lite/exec.h"
#include "ovsdb-lite/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* With more unread replies than this no further request is handled. One reply may be
 * larger. */
#define PAUSE_BYTES ((size_t)1 << 20)

/* A message of the batch under way. */
struct outgoing {
	char *text;
	/* Of the reply to a durable transaction: where to sync, and what to say if that
	 * fails. */
	struct db *durable_in;
	struct json_object *results, *id;
};

static void outgoing_clear(struct outgoing *o)
{
	free(o->text);
	json_free(o->results);
	json_free(o->id);
}

static size_t unsent_bytes(const struct session *s)
{
	return stream_unsent_bytes(s->stream) + s->outbox_bytes;
}

void session_doom(struct session *s, const char *why)
{
	if (s->is_doomed)
		return;
	log_event(LOG_LEVEL_DEBUG, "client_gone", "pid=%lld reason=\"%s\"",
		  (long long)s->origin.pid, why);
	s->is_doomed = true;
	s->server->n_sessions--;
	s->server->n_partial -= s->n_partial;
	s->n_partial = 0;
	stream_free(STEAL(s->stream));
	session_probe_stop(s);
	remote_lost(s->remote);
	loop_timer_clear(s->stall);
	loop_timer_set(s->server->work, 0);
}

bool session_is_dispensable(const struct session *s)
{
	return !s->monitors && !s->waiting && !unsent_bytes(s) &&
	       !lock_has_any(s->server->locks, s);
}

/* --- out --- */

/* The client's replies wait for it to read: find out later whether it did. */
static void watch_stall(struct session *s)
{
	size_t unsent = stream_unsent_bytes(s->stream);

	if (loop_timer_is_set(s->stall) || !unsent ||
	    (!s->n_inbox && unsent <= PAUSE_BYTES))
		return;
	s->unsent_at_stall = unsent;
	loop_timer_set(s->stall, s->server->limits.stall_ms);
}

static void on_stall(void *aux)
{
	struct session *s = aux;

	if (stream_unsent_bytes(s->stream) >= s->unsent_at_stall)
		session_doom(s, "it does not read its replies");
	else
		watch_stall(s);
}

static void send_text(struct session *s, const char *text, size_t n)
{
	stream_write(s->stream, text, n);
	watch_stall(s);
}

/* Takes 'o' and what is in it. */
static void put_out(struct session *s, struct outgoing o)
{
	if (!s->is_doomed && unsent_bytes(s) > s->server->limits.max_unsent_bytes)
		session_doom(s, "too many bytes of unread replies");
	if (s->is_doomed) {
		outgoing_clear(&o);
	} else if (s->in_batch) {
		s->outbox =
			xgrow(s->outbox, s->n_outbox, &s->cap_outbox, sizeof(*s->outbox));
		s->outbox[s->n_outbox++] = o;
		s->outbox_bytes += strlen(o.text);
	} else {
		assert(!o.durable_in);
		send_text(s, o.text, strlen(o.text));
		outgoing_clear(&o);
	}
}

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

void session_tell_monitor(struct session *s, struct monitor *m)
{
	struct buffer update = {0};

	if (monitor_write_update(m, &update))
		put_out(s, (struct outgoing){.text = buffer_take(&update)});
}

static void tell_monitors(struct session *s)
{
	struct session_monitor *sm;

	DL_FOREACH (s->monitors, sm)
		session_tell_monitor(s, sm->monitor);
}

void session_reply_transact(struct session *s, struct json_object *results,
			    struct json_object *id, struct db *durable_in)
{
	struct outgoing o = {.durable_in = durable_in};

	/* ovsdb-wire 4: what is committed is told before the reply, however slow the
	 * client. */
	tell_monitors(s);
	if (durable_in) {
		o.results = json_clone(results);
		o.id = json_clone(id);
	}
	o.text = jsonrpc_reply(results, id);
	put_out(s, o);
}

void session_tell(struct session *s)
{
	if (!s->is_doomed && !stream_unsent_bytes(s->stream))
		tell_monitors(s);
}

/* --- batches --- */

void session_begin_batch(struct session *s)
{
	assert(!s->in_batch);
	s->in_batch = true;
}

/* The transaction is visible and in the file, but nobody can say that it will stay. */
static void confess(struct outgoing *o, const struct err *e)
{
	struct json_object *results = json_array();

	for (size_t i = 0; i < json_get_length(o->results); i++)
		json_add(results, json_clone(json_at(o->results, i)));
	json_add(results, err_to_json(e));
	free(o->text);
	o->text = jsonrpc_reply(results, STEAL(o->id));
}

/* One sync for all durable transactions of a database. */
static void sync_outbox(struct session *s)
{
	const struct db *synced = NULL;
	CLEANUP(err_freep) struct err *e = NULL;

	for (size_t i = 0; i < s->n_outbox; i++) {
		struct outgoing *o = &s->outbox[i];

		if (!o->durable_in)
			continue;
		if (o->durable_in != synced) {
			err_free(e);
			e = db_sync(o->durable_in);
			synced = o->durable_in;
		}
		if (e)
			confess(o, e);
	}
}

static void send_outbox(struct session *s)
{
	char *all, *end;
	size_t n = 0;

	if (s->n_outbox == 1) {
		send_text(s, s->outbox[0].text, strlen(s->outbox[0].text));
		return;
	}
	for (size_t i = 0; i < s->n_outbox; i++)
		n += strlen(s->outbox[i].text);
	all = end = xmalloc(n + 1);
	for (size_t i = 0; i < s->n_outbox; i++)
		end = stpcpy(end, s->outbox[i].text);
	send_text(s, all, n);
	free(all);
}

void session_end_batch(struct session *s)
{
	assert(s->in_batch);
	if (s->n_outbox)
		sync_outbox(s);
	if (s->n_outbox && !s->is_doomed)
		send_outbox(s);
	for (size_t i = 0; i < s->n_outbox; i++)
		outgoing_clear(&s->outbox[i]);
	s->n_outbox = 0;
	s->outbox_bytes = 0;
	s->in_batch = false;
}

/* --- in --- */

static struct err *handle_message(struct session *s, struct json_object *json)
{
	struct jsonrpc_message m;
	struct err *e = jsonrpc_from_json(json, &m);

	if (e)
		return e;
	DL_DELETE(s->server->sessions, s);
	DL_APPEND(s->server->sessions, s);
	switch (m.kind) {
	case JSONRPC_REQUEST:
	case JSONRPC_NOTIFICATION:
		method_call(s, &m);
		break;
	case JSONRPC_REPLY:
	case JSONRPC_ERROR:
		if (!session_probe_takes(s, m.id))
			e = err_new(ERR_PROTOCOL, "a reply to nothing");
		break;
	}
	jsonrpc_message_clear(&m);
	return e;
}

static void keep_for_later(struct session *s, const char *data, size_t n)
{
	s->inbox = xrealloc_array(s->inbox, s->n_inbox + n, 1);
	memcpy(s->inbox + s->n_inbox, data, n);
	s->n_inbox += n;
	stream_pause(s->stream);
}

/* Half a request is kept until the rest comes: bounds what all clients together leave so.
 */
static void count_partial(struct session *s, size_t n_partial)
{
	struct server *server = s->server;
	struct session *worst = s, *other;

	server->n_partial += n_partial - s->n_partial;
	s->n_partial = n_partial;
	if (server->n_partial <= server->limits.max_partial_bytes)
		return;
	DL_FOREACH (server->sessions, other)
		if (other->n_partial > worst->n_partial)
			worst = other;
	session_doom(worst, "too many bytes of a request that does not end");
}

static struct err *handle_bytes(struct session *s, const char *data, size_t n)
{
	while (n && !s->is_doomed) {
		struct json_object *json;
		struct err *e;
		size_t used;

		if (unsent_bytes(s) > PAUSE_BYTES) {
			keep_for_later(s, data, n);
			return NULL;
		}
		e = json_stream_feed(s->parser, data, n, &used, &json);
		if (e)
			return e;
		count_partial(s, json ? 0 : s->n_partial + used);
		if (json)
			e = handle_message(s, json);
		if (e)
			return e;
		data += used;
		n -= used;
	}
	return NULL;
}

static void run_batch(struct session *s, const char *data, size_t n)
{
	struct err *e;

	session_begin_batch(s);
	e = handle_bytes(s, data, n);
	session_end_batch(s);
	if (e) {
		session_doom(s, e->message); /* ovsdb-wire 1: and say nothing */
		err_free(e);
	}
}

/* Goes on with what was left lying, unless there still are unread replies. */
static void catch_up(struct session *s)
{
	while (!s->is_doomed && s->n_inbox && !stream_unsent_bytes(s->stream)) {
		CLEANUP(freep) char *data = STEAL(s->inbox);
		size_t n = s->n_inbox;

		s->n_inbox = 0;
		stream_resume(s->stream);
		run_batch(s, data, n);
	}
}

static void on_data(void *aux, const char *data, size_t n)
{
	struct session *s = aux;

	session_probe_heard(s);
	run_batch(s, data, n);
	catch_up(s);
}

static void on_drained(void *aux)
{
	struct session *s = aux;

	loop_timer_clear(s->stall);
	tell_monitors(s);
	catch_up(s);
}

static void on_closed(void *aux, struct err *e)
{
	struct session *s = aux;

	session_doom(s, e ? e->message : "it closed the connection");
	err_free(e);
}

/* Who it is, and what that makes of him. */
static void identify(struct session *s, const struct stream_peer *peer)
{
	const struct remote_spec *spec = remote_spec(s->remote);
	struct subject_role *own = NULL;

	s->origin.pid = peer->pid;
	s->origin.uid = peer->uid == (uid_t)-1 ? -1 : (int64_t)peer->uid;
	s->certified = peer->subject ? xstrdup(peer->subject) : NULL;
	if (spec->kind != STREAM_UNIX)
		s->name = xstrdup(peer->subject ? peer->subject : peer->address);
	s->origin.subject = s->name;
	if (s->certified)
		HASH_FIND_STR(s->server->subject_roles, s->certified, own);
	s->subject.id = s->certified;
	s->subject.role = own ? own->role : spec->role;
}

struct session *session_new(struct server *server, struct remote *remote,
			    struct stream *stream)
{
	static const struct stream_handlers handlers = {
		.data = on_data,
		.closed = on_closed,
		.drained = on_drained,
	};
	struct stream_peer peer = stream_peer(stream);
	struct session *s = xcalloc(1, sizeof(*s));

	s->server = server;
	s->remote = remote;
	s->stream = stream;
	s->parser = json_stream_new(server->limits.max_message_bytes);
	s->stall = loop_timer_new(server->loop, on_stall, s);
	identify(s, &peer);
	session_probe_start(s, remote_spec(remote)->probe_ms);
	stream_set_handlers(stream, &handlers, s);
	return s;
}

void session_free(struct session *s)
{
	struct session_monitor *sm, *next;

	assert(!s->in_batch);
	session_doom(s, "the server ends");
	transact_drop_all(s);
	DL_FOREACH_SAFE (s->monitors, sm, next)
		session_monitor_free(sm);
	/* RFC 7047 4.1.8: the next in each queue is told. */
	lock_release_all(s->server->locks, s);
	DL_DELETE(s->server->sessions, s);
	loop_timer_free(s->stall);
	json_stream_free(s->parser);
	free(s->inbox);
	free(s->outbox);
	free(s->name);
	free(s->certified);
	free(s);
}
