/* Bytes from the client to method calls.
 *
 * Messages that came in one read make a batch. It ends early if it takes long, for the
 * sake of other clients, and while replies are not read: the remaining bytes wait in the
 * inbox, and nothing more is read until they are handled. */
#include "ovsdb-lite/server/session_in.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/server/eviction.h"
#include "ovsdb-lite/server/inactivity_probe.h"
#include "ovsdb-lite/server/methods.h"
#include "ovsdb-lite/server/session_history.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/server/session_peer.h"
#include "ovsdb-lite/server/transact.h"
#include "ovsdb-lite/server/watch.h"
#include "ovsdb-lite/wire/jsonrpc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static struct err *handle_message(struct session *s, struct json_object *json)
{
	struct jsonrpc_message m;
	struct err *e = jsonrpc_from_json(json, &m);

	if (e)
		return e;
	DL_DELETE(s->common->sessions, s);
	DL_APPEND(s->common->sessions, s);
	switch (m.kind) {
	case JSONRPC_REQUEST:
	case JSONRPC_NOTIFICATION:
		methods_call(s, &m);
		break;
	case JSONRPC_REPLY:
	case JSONRPC_ERROR:
		if (!inactivity_probe_take_reply(s, m.id))
			e = err_new(ERR_PROTOCOL, "a reply to nothing");
		break;
	}
	jsonrpc_message_clear(&m);
	return e;
}

/* An incomplete request is kept until the rest comes: bounds what all clients together
 * leave incomplete. */
static void count_partial(struct session *s, size_t n_partial)
{
	struct session_common *common = s->common;

	share_set(&s->share, SHARE_PARTIAL, n_partial);
	trim_note_peak(common->trim, n_partial);
	if (common->all.used[SHARE_PARTIAL] > common->limits.max_partial_bytes)
		session_abort(eviction_find_worst(common, SHARE_PARTIAL, NULL, 0),
			      "too many bytes of requests that do not end");
}

/* '*ret_used' bytes of 'data' are handled; the rest must wait. */
static struct err *handle_bytes(struct session *s, const char *data, size_t n,
				size_t *ret_used)
{
	int64_t end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	struct err *e = NULL;
	size_t used = 0;

	while (!e && used < n && !s->is_aborted && !s->is_ending &&
	       !session_is_held_up(s) && clock_now_ms() < end_ms) {
		struct json_object *json;
		size_t n_taken;

		e = json_stream_feed(s->parser, data + used, n - used, &n_taken, &json);
		if (e)
			break;
		used += n_taken;
		count_partial(s, json_stream_partial_bytes(s->parser));
		if (!json)
			continue;
		eviction_relieve_unsent(s->common);
		if (s->is_aborted)
			json_free(json);
		else
			e = handle_message(s, json);
		trim_note_peak(s->common->trim, json_stream_tree_bytes(s->parser));
	}
	*ret_used = used;
	return e;
}

/* Returns how many bytes were handled. */
static size_t run_batch(struct session *s, const char *data, size_t n)
{
	struct err *e;
	size_t used;

	session_begin_batch(s);
	e = handle_bytes(s, data, n, &used);
	session_end_batch(s);
	if (e) {
		session_abort(s, e->message); /* ovsdb-wire.md 1: without a message */
		err_free(e);
	}
	return used;
}

/* It is handled at the end of this iteration of the loop, in one turn with what other
 * clients send. */
static void on_data(void *aux, const char *data, size_t n)
{
	struct session *s = aux;

	inactivity_probe_note_input(s);
	s->inbox = xrealloc_array(s->inbox, s->n_inbox + n, 1);
	memcpy(s->inbox + s->n_inbox, data, n);
	s->n_inbox += n;
	if (session_is_held_up(s)) {
		stream_pause(s->stream);
		return;
	}
	if (s->is_fresh || s->is_queued)
		return;
	DL_APPEND2(s->common->fresh, s, prev_backlog, next_backlog);
	s->is_fresh = true;
	loop_timer_set_end(s->common->resume);
}

static void continue_task(struct session *s)
{
	transact_turn_flush(s->common);
	session_begin_batch(s);
	s->task->go_on(s);
	session_end_batch(s);
	session_abort_if_done(s);
	session_resume(s);
}

static void continue_inbox(struct session *s)
{
	size_t used = run_batch(s, s->inbox, s->n_inbox);

	if (s->is_aborted)
		return;
	s->n_inbox -= used;
	memmove(s->inbox, s->inbox + used, s->n_inbox);
	session_resume(s);
	if (s->n_inbox) {
		stream_pause(s->stream);
		return;
	}
	free(s->inbox);
	s->inbox = NULL;
	stream_resume(s->stream);
}

/* Of the backlog. */
static const struct session *continue_first(struct session_common *common)
{
	struct session *s = common->backlog;

	DL_DELETE2(common->backlog, s, prev_backlog, next_backlog);
	s->is_queued = false;
	if (s->task)
		continue_task(s);
	else
		continue_inbox(s);
	return s;
}

static void continue_fresh(struct session *s)
{
	DL_DELETE2(s->common->fresh, s, prev_backlog, next_backlog);
	s->is_fresh = false;
	continue_inbox(s);
}

/* One after another, and all together no longer than other clients can wait. Returns false
 * if somebody's turn is still to come. */
static bool handle_backlog(struct session_common *common)
{
	int64_t end_ms = clock_now_ms() + SESSION_BACKLOG_MS;
	/* Who is behind it has had a turn, and has set the timer for the next. */
	const struct session *s = NULL, *last = common->backlog
							? common->backlog->prev_backlog
							: NULL;

	while (common->backlog && s != last && clock_now_ms() < end_ms)
		s = continue_first(common);
	return !common->backlog || s == last;
}

void session_on_resume(void *aux)
{
	struct session_common *common = aux;
	bool is_over;

	transact_turn_begin(common);
	/* What came in this iteration: nobody waits for the backlog of others. */
	while (common->fresh)
		continue_fresh(common->fresh);
	is_over = handle_backlog(common);
	transact_turn_end(common);
	if (!is_over)
		loop_timer_set(common->resume, 0);
}

static void on_drained(void *aux)
{
	struct session *s = aux;

	loop_timer_clear(s->send_timeout);
	share_set(&s->share, SHARE_UNSENT, session_unsent_bytes(s));
	watch_send_all_if_able(s);
	session_resume(s);
}

static void on_closed(void *aux, struct err *e)
{
	struct session *s = aux;

	/* With TLS the end may come right behind the data. */
	if (!e && s->is_fresh)
		continue_fresh(s);
	/* It may have closed its half only: it still gets the replies to its requests. */
	if (!e && (s->n_held || s->task))
		session_end(s);
	else
		session_abort(s, e ? e->message : "it closed the connection");
	err_free(e);
}

struct session *session_new(struct session_common *common, struct remote *remote,
			    struct stream *stream, struct share *group)
{
	static const struct stream_handlers handlers = {
		.data = on_data,
		.closed = on_closed,
		.drained = on_drained,
	};
	struct stream_peer peer = stream_peer(stream);
	struct session *s = xcalloc(1, sizeof(*s));

	s->common = common;
	s->remote = remote;
	s->stream = stream;
	s->share.parent = group;
	share_set(&s->share, SHARE_SEATS, 1);
	s->parser = json_stream_new(common->limits.max_message_bytes);
	json_stream_limit_tree(s->parser, common->limits.max_parsed_bytes);
	s->send_timeout = loop_timer_new(common->loop, session_on_send_timeout, s);
	session_peer_identify(s, &peer);
	inactivity_probe_start(s, remote_config(remote)->probe_ms);
	stream_set_handlers(stream, &handlers, s);
	DL_APPEND(common->sessions, s);
	return s;
}

void session_free(struct session *s)
{
	assert(!s->in_batch);
	session_abort(s, "the server ends");
	if (s->task)
		s->task->drop(s);
	session_history_stop(s);
	transact_drop_all(s);
	watch_free_all(s);
	/* RFC 7047 4.1.8: the next in each queue is notified. */
	lock_release_all(s->common->locks, s);
	inactivity_probe_stop(s);
	session_drop_messages(s);
	DL_DELETE(s->common->sessions, s);
	loop_timer_free(s->send_timeout);
	json_stream_free(s->parser);
	free(s->inbox);
	session_peer_clear(s);
	free(s);
}

void session_on_reap(void *aux)
{
	struct session_common *common = aux;
	struct session *s, *next;

	DL_FOREACH_SAFE (common->sessions, s, next)
		if (s->is_aborted)
			session_free(s);
}
