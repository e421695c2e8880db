/* The server: its listeners, databases and sessions, and what must be done between two of
 * their callbacks. Beside it: session.c is one client, methods.c what can be asked,
 * transact.c the transactions, lock.c and monitor.c the state they leave. No JSON here.
 */
#include "ovsdb-lite/server.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "ovsdb-lite/json.h"
#include "ovsdb-lite/server_db.h"
#include "ovsdb-lite/session.h"

#include <assert.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#define SOCKET_MODE 0660

const struct server_limits server_default_limits = {
	.max_sessions = 500,
	.max_message_bytes = 64 << 20,
	.max_partial_bytes = 128 << 20,
	.max_unsent_bytes = 16 << 20,
	.stall_ms = 60 * 1000,
};

static void tell_lock(void *owner, const char *name, bool stolen)
{
	struct json_object *params = json_array();

	json_add(params, json_string(name));
	session_notify(owner, stolen ? "stolen" : "locked", params);
}

static void reap(struct server *s)
{
	struct session *session, *next;

	DL_FOREACH_SAFE (s->sessions, session, next)
		if (session->is_doomed)
			session_free(session);
}

/* What a commit or the end of a session sets off, once no callback of a session is on the
 * stack. */
static void on_work(void *aux)
{
	struct server *s = aux;
	struct session *session;

	reap(s);
	for (struct served_db *db = s->dbs; db; db = db->hh.next) {
		db->is_due = db->has_changed;
		db->has_changed = false;
	}
	/* What these commit makes the database changed again, and a next turn. */
	DL_FOREACH (s->sessions, session)
		transact_retry(session);
}

static void on_commit(void *aux, const struct txn *txn)
{
	struct served_db *db = aux;
	struct session_monitor *sm;

	db->has_changed = true;
	loop_timer_set(db->server->work, 0);
	monitor_set_note(db->monitors, txn);
	DL_FOREACH2 (db->watchers, sm, next_watcher)
		session_tell(sm->session);
}

static void serve(struct server *s, struct db *db)
{
	const char *name = db_name(db);
	struct served_db *served = xcalloc(1, sizeof(*served));

	served->server = s;
	served->db = db;
	served->monitors = monitor_set_new(db);
	served->observer = db_observe(db, on_commit, served);
	HASH_ADD_KEYPTR(hh, s->dbs, name, strlen(name), served);
}

struct server *server_new(struct loop *loop, const struct server_limits *limits)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->limits = limits ? *limits : server_default_limits;
	s->id = uuid_random();
	s->locks = lock_table_new(tell_lock);
	s->work = loop_timer_new(loop, on_work, s);
	s->own = server_db_new();
	serve(s, s->own);
	return s;
}

static void free_dbs(struct server *s)
{
	struct served_db *db, *next;

	HASH_ITER (hh, s->dbs, db, next) {
		HASH_DEL(s->dbs, db);
		db_unobserve(db->observer);
		monitor_set_free(db->monitors);
		free(db);
	}
}

static void free_methods(struct server *s)
{
	struct server_method *m, *next;

	HASH_ITER (hh, s->methods, m, next) {
		HASH_DEL(s->methods, m);
		free(m->name);
		free(m);
	}
}

void server_free(struct server *s)
{
	struct session *session, *next;

	if (!s)
		return;
	for (size_t i = 0; i < s->n_listeners; i++)
		stream_listener_free(s->listeners[i]);
	free(s->listeners);
	DL_FOREACH_SAFE (s->sessions, session, next)
		session_free(session);
	free_dbs(s);
	db_close(s->own);
	free_methods(s);
	lock_table_free(s->locks);
	loop_timer_free(s->work);
	free(s);
}

struct err *server_add_db(struct server *s, struct db *db)
{
	const char *name = db_name(db);
	struct served_db *served;

	HASH_FIND_STR(s->dbs, name, served);
	if (served)
		return err_hint(err_new(ERR_EXISTS,
					"a database called %s is served already", name),
				"serve only one of the files with that schema");
	serve(s, db);
	server_db_publish(s->own, db);
	return NULL;
}

/* Idle clients must not keep others out. */
static void make_room(struct server *s)
{
	struct session *session;

	DL_FOREACH (s->sessions, session) {
		if (!session->is_doomed && session_is_dispensable(session)) {
			session_doom(session, "too many clients, and this one is idle");
			return;
		}
	}
}

static void on_accept(void *aux, struct stream *stream)
{
	struct server *s = aux;
	struct session *session;

	if (s->n_sessions >= s->limits.max_sessions)
		make_room(s);
	if (s->n_sessions >= s->limits.max_sessions) {
		log_event(LOG_LEVEL_DEBUG, "client_refused", "pid=%d sessions=%zu",
			  (int)stream_peer(stream).pid, s->n_sessions);
		stream_free(stream);
		return;
	}
	session = session_new(s, stream);
	DL_APPEND(s->sessions, session);
	s->n_sessions++;
}

/* Best effort: only root, or a member of the group, may. */
static void give_to_group(const char *path)
{
	const struct group *group = getgrnam(SERVER_SOCKET_GROUP);

	if (group && chown(path, (uid_t)-1, group->gr_gid))
		log_event(LOG_LEVEL_DEBUG, "socket_group_failed", "path=%s group=%s",
			  path, SERVER_SOCKET_GROUP);
}

struct err *server_listen(struct server *s, const char *address)
{
	struct stream_listener *listener;
	struct err *e;

	e = stream_listen(s->loop, address, NULL, SOCKET_MODE, on_accept, s, &listener);
	if (e)
		return e;
	give_to_group(address + strlen("punix:"));
	s->listeners =
		xrealloc_array(s->listeners, s->n_listeners + 1, sizeof(*s->listeners));
	s->listeners[s->n_listeners++] = listener;
	return NULL;
}

void server_add_method(struct server *s, const char *name, server_method_fn *fn,
		       void *aux)
{
	struct server_method *m;

	HASH_FIND_STR(s->methods, name, m);
	assert(!m);
	m = xcalloc(1, sizeof(*m));
	m->name = xstrdup(name);
	m->fn = fn;
	m->aux = aux;
	HASH_ADD_KEYPTR(hh, s->methods, m->name, strlen(m->name), m);
}
