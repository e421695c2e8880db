/* One client of the server: its life, the bytes it sends, and what it may cost us. Beside
 * it: session_out.c is what it is sent, methods.c says what a request does, transact.c
 * runs transactions, monitor.c knows what a client has not been told.
 *
 * Messages that came in one read make a batch. It ends early where it takes long, so that
 * others have their turn, and where replies are not read: bytes that are left wait in the
 * inbox, and nothing more is read until they are handled. */
#include "ovsdb-lite/server/session.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "lib/process.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

void session_abort(struct session *s, const char *why)
{
	if (s->is_aborted)
		return;
	log_event(LOG_LEVEL_DEBUG, "client_gone", "peer=\"%s\" pid=%lld reason=\"%s\"",
		  s->name ? s->name : "unix", (long long)s->origin.pid, why);
	s->is_aborted = true;
	share_clear(&s->share);
	stream_free(STEAL(s->stream));
	inactivity_probe_stop(s);
	remote_lost(s->remote);
	session_drop_messages(s);
	session_stop_reading(s);
	loop_timer_clear(s->send_timeout);
	if (s->is_queued)
		DL_DELETE2(s->server->backlog, s, prev_backlog, next_backlog);
	s->is_queued = false;
	loop_timer_set(s->server->reaper, 0);
}

void session_end(struct session *s)
{
	s->is_ending = true;
	stream_pause(s->stream);
}

bool session_is_dispensable(const struct session *s)
{
	return !s->monitors && !s->waiting && !s->reading && !session_unsent_bytes(s) &&
	       !lock_has_any(s->server->locks, s);
}

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
		if (!inactivity_probe_takes(s, m.id))
			e = err_new(ERR_PROTOCOL, "a reply to nothing");
		break;
	}
	jsonrpc_message_clear(&m);
	return e;
}

/* Half a request is kept until the rest comes: bounds what all clients together leave so.
 */
static void count_partial(struct session *s, size_t n_partial)
{
	struct server *server = s->server;

	share_set(&s->share, SHARE_PARTIAL, n_partial);
	server_note_peak(server, n_partial);
	if (server->all.used[SHARE_PARTIAL] > server->limits.max_partial_bytes)
		session_abort(eviction_find_worst(server, SHARE_PARTIAL, NULL, 0),
			     "too many bytes of requests that do not end");
}

/* Makes room for 'more' bytes that 's' is to keep. */
static struct err *make_room_to_keep(struct session *s, size_t more)
{
	struct server *server = s->server;
	size_t max = server->limits.max_kept_sum_bytes;

	while (server->all.used[SHARE_KEPT] + more > max) {
		struct session *worst = eviction_find_worst(server, SHARE_KEPT, s, more);

		if (worst == s)
			return err_new(ERR_RESOURCES,
				       "the monitors and waiting transactions of all "
				       "clients would take more than %zu bytes",
				       max);
		session_abort(worst, "it keeps more than others that need some");
	}
	return NULL;
}

struct err *session_keep(struct session *s, size_t *kept_bytes)
{
	size_t n = json_stream_tree_bytes(s->parser), kept = s->share.used[SHARE_KEPT];
	struct err *e;

	if (n <= *kept_bytes)
		return NULL;
	if (kept - *kept_bytes + n > s->server->limits.max_kept_bytes)
		return err_new(ERR_RESOURCES,
			       "this client's monitors and waiting transactions would "
			       "take more than %zu bytes",
			       s->server->limits.max_kept_bytes);
	e = make_room_to_keep(s, n - *kept_bytes);
	if (e)
		return e;
	share_set(&s->share, SHARE_KEPT, kept - *kept_bytes + n);
	*kept_bytes = n;
	return NULL;
}

void session_let_go(struct session *s, size_t kept_bytes)
{
	if (!s->is_aborted)
		share_set(&s->share, SHARE_KEPT, s->share.used[SHARE_KEPT] - kept_bytes);
}

static bool is_held_up(const struct session *s)
{
	return s->reading || session_unsent_bytes(s) > SESSION_PAUSE_BYTES;
}

/* '*ret_used' bytes of 'data' were handled, the rest must wait. */
static struct err *handle_bytes(struct session *s, const char *data, size_t n,
				size_t *ret_used)
{
	int64_t end_ms = loop_now_ms() + ITERATION_MS;
	struct err *e = NULL;
	size_t used = 0;

	while (!e && used < n && !s->is_aborted && !s->is_ending && !is_held_up(s) &&
	       loop_now_ms() < end_ms) {
		struct json_object *json;
		size_t n_taken;

		e = json_stream_feed(s->parser, data + used, n - used, &n_taken, &json);
		if (e)
			break;
		used += n_taken;
		count_partial(s, json_stream_partial_bytes(s->parser));
		if (!json)
			continue;
		eviction_relieve_unsent(s->server);
		if (s->is_aborted)
			json_free(json);
		else
			e = handle_message(s, json);
		server_note_peak(s->server, json_stream_tree_bytes(s->parser));
	}
	*ret_used = used;
	return e;
}

/* Gives back how many bytes were handled. */
static size_t run_batch(struct session *s, const char *data, size_t n)
{
	struct err *e;
	size_t used;

	session_begin_batch(s);
	e = handle_bytes(s, data, n, &used);
	session_end_batch(s);
	if (e) {
		session_abort(s, e->message); /* ovsdb-wire 1: and say nothing */
		err_free(e);
	}
	return used;
}

void session_resume(struct session *s)
{
	bool can = s->reading || (!s->is_ending && s->n_inbox && !is_held_up(s));

	if (s->is_aborted || s->is_queued || !can)
		return;
	DL_APPEND2(s->server->backlog, s, prev_backlog, next_backlog);
	s->is_queued = true;
	loop_timer_set(s->server->resume, 0);
}

static void on_data(void *aux, const char *data, size_t n)
{
	struct session *s = aux;
	size_t used;

	inactivity_probe_heard(s);
	used = run_batch(s, data, n);
	if (s->is_aborted || used == n)
		return;
	s->inbox = xmalloc(n - used);
	s->n_inbox = n - used;
	memcpy(s->inbox, data + used, s->n_inbox);
	stream_pause(s->stream);
	session_resume(s);
}

static void go_on_reading(struct session *s)
{
	session_begin_batch(s);
	session_read_history(s);
	session_end_batch(s);
	if (!s->reading && !s->n_held && s->is_ending)
		session_abort(s, "it has what it asked for");
	session_resume(s);
}

static void go_on_with_inbox(struct session *s)
{
	size_t used = run_batch(s, s->inbox, s->n_inbox);

	if (s->is_aborted)
		return;
	s->n_inbox -= used;
	memmove(s->inbox, s->inbox + used, s->n_inbox);
	session_resume(s);
	if (s->n_inbox)
		return;
	free(s->inbox);
	s->inbox = NULL;
	stream_resume(s->stream);
}

static void go_on(struct session *s)
{
	if (s->reading)
		go_on_reading(s);
	else
		go_on_with_inbox(s);
}

/* In turns, and all of them together no longer than others can wait. */
void session_on_resume(void *aux)
{
	struct server *server = aux;
	int64_t end_ms = loop_now_ms() + BACKLOG_MS;
	struct session *s;

	while ((s = server->backlog) && loop_now_ms() < end_ms) {
		DL_DELETE2(server->backlog, s, prev_backlog, next_backlog);
		s->is_queued = false;
		go_on(s);
	}
	if (server->backlog)
		loop_timer_set(server->resume, 0);
}

static void on_drained(void *aux)
{
	struct session *s = aux;

	loop_timer_clear(s->send_timeout);
	share_set(&s->share, SHARE_UNSENT, session_unsent_bytes(s));
	session_tell_all_if_able(s);
	session_resume(s);
}

static void on_closed(void *aux, struct err *e)
{
	struct session *s = aux;

	/* It may have closed its half only: what it asked for before, it gets. */
	if (!e && (s->n_held || s->reading))
		session_end(s);
	else
		session_abort(s, e ? e->message : "it closed the connection");
	err_free(e);
}

/* A process can delay whoever reads its memory, and so its command line: one that is not
 * root's or ours is asked for its name only. It is asked late, as most clients never
 * write; its number may be another's by then, which began later. */
void session_find_command(struct session *s)
{
	enum process_detail detail =
		s->server->keeps_arguments ? PROCESS_ARGUMENTS : PROCESS_SUBCOMMAND;

	if (s->is_command_known)
		return;
	s->is_command_known = true;
	if (!s->share.parent->is_privileged)
		detail = PROCESS_NAME;
	s->command = process_command(s->origin.pid, detail, s->arrived_ms);
	s->origin.command = s->command;
}

bool session_sees_processes(const struct session *s)
{
	return remote_config(s->remote)->kind == STREAM_UNIX && !*s->subject.role;
}

/* Who it is, and what that makes of him. */
static void identify(struct session *s, const struct stream_peer *peer)
{
	const struct remote_config *spec = remote_config(s->remote);
	struct subject_role *own = NULL;

	s->origin.pid = peer->pid;
	s->origin.uid = peer->uid == (uid_t)-1 ? -1 : (int64_t)peer->uid;
	s->arrived_ms = process_clock_ms();
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
			    struct stream *stream, struct share *group)
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
	s->share.parent = group;
	share_set(&s->share, SHARE_SEATS, 1);
	s->parser = json_stream_new(server->limits.max_message_bytes);
	json_stream_limit_tree(s->parser, server->limits.max_parsed_bytes);
	s->send_timeout = loop_timer_new(server->loop, session_on_send_timeout, s);
	identify(s, &peer);
	inactivity_probe_start(s, remote_config(remote)->probe_ms);
	stream_set_handlers(stream, &handlers, s);
	return s;
}

void session_free(struct session *s)
{
	struct watch *sm, *next;

	assert(!s->in_batch);
	session_abort(s, "the server ends");
	transact_drop_all(s);
	DL_FOREACH_SAFE (s->monitors, sm, next)
		watch_free(sm);
	/* RFC 7047 4.1.8: the next in each queue is told. */
	lock_release_all(s->server->locks, s);
	DL_DELETE(s->server->sessions, s);
	loop_timer_free(s->send_timeout);
	json_stream_free(s->parser);
	free(s->inbox);
	free(s->command);
	free(s->name);
	free(s->certified);
	free(s);
}
