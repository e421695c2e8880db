/* The server: its remotes, databases and sessions, from server_new() to server_free(). */
#include "ovsdb-lite/server/server.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "lib/worker.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/eviction.h"
#include "ovsdb-lite/server/hosted_db.h"
#include "ovsdb-lite/server/methods.h"
#include "ovsdb-lite/server/server_db.h"
#include "ovsdb-lite/server/session_in.h"
#include "ovsdb-lite/server/session_out.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

struct server {
	struct session_common common;
	struct worker *syncer, *checkpointer;
	struct db *own;         /* server_db.h */
	struct stream_tls *tls; /* NULL without key and certificates */
	uint64_t n_admitted;
};

static void notify_lock(void *owner, const char *name, bool stolen)
{
	struct json_object *params = json_array();

	json_add(params, json_string(name));
	session_notify(owner, stolen ? "stolen" : "locked", params);
}

/* For listeners, handshakes, files, and what the embedding program has open; not for
 * clients. */
#define OTHER_DESCRIPTORS 500

/* Clients alone must not use up the descriptors: then no connection could be accepted, not
 * even to choose whom to disconnect, and the embedding program could open no file. */
static void raise_descriptor_limit(struct server *s)
{
	rlim_t wanted = (rlim_t)s->common.limits.max_sessions + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return;
	s->common.limits.max_sessions =
		limit.rlim_cur > 2 * OTHER_DESCRIPTORS
			? (size_t)limit.rlim_cur - OTHER_DESCRIPTORS
			: (size_t)limit.rlim_cur / 2;
	log_event(LOG_LEVEL_WARNING, "clients_limited", "clients=%zu descriptors=%llu",
		  s->common.limits.max_sessions, (unsigned long long)limit.rlim_cur);
}

static void host(struct server *s, struct db *db)
{
	hosted_db_new(&s->common, db, s->own, s->syncer, s->checkpointer);
}

struct err *server_new(struct loop *loop, const struct server_limits *limits,
		       struct server **ret_server)
{
	struct worker *syncer, *checkpointer;
	struct server *s;
	struct err *e;

	e = worker_new(loop, &syncer);
	if (e)
		return e;
	e = worker_new(loop, &checkpointer);
	if (e) {
		worker_free(syncer);
		return e;
	}
	s = xcalloc(1, sizeof(*s));
	s->common.loop = loop;
	s->common.limits = limits ? *limits : server_limits_default;
	raise_descriptor_limit(s);
	s->common.server_id = uuid_random();
	s->common.privileged =
		(struct share){.parent = &s->common.all, .is_privileged = true};
	s->syncer = syncer;
	s->checkpointer = checkpointer;
	s->common.locks = lock_table_new(notify_lock);
	s->common.reaper = loop_timer_new(loop, session_on_reap, &s->common);
	s->common.resume = loop_timer_new(loop, session_on_resume, &s->common);
	s->common.trim = trim_new(loop);
	s->common.turn = transact_turn_new();
	s->own = server_db_new();
	host(s, s->own);
	*ret_server = s;
	return NULL;
}

/* The promised syncs are made, and their replies sent. */
static void finish_syncs(struct server *s)
{
	for (struct hosted_db *db = s->common.dbs; db; db = db->hh.next)
		group_commit_finish(db->commits);
	worker_free(s->syncer);
	worker_free(s->checkpointer);
}

static void free_dbs(struct server *s)
{
	struct hosted_db *db, *next;

	HASH_ITER (hh, s->common.dbs, db, next)
		hosted_db_free(db);
}

static void free_remotes(struct server *s)
{
	struct subject_role *sr, *next;

	for (size_t i = 0; i < s->common.n_remotes; i++)
		remote_free(s->common.remotes[i]);
	free(s->common.remotes);
	HASH_ITER (hh, s->common.subject_roles, sr, next) {
		HASH_DEL(s->common.subject_roles, sr);
		free(sr->subject);
		free(sr->role);
		free(sr);
	}
	stream_tls_free(s->tls);
}

void server_free(struct server *s)
{
	struct session *session, *next;

	if (!s)
		return;
	finish_syncs(s);
	DL_FOREACH_SAFE (s->common.sessions, session, next)
		session_free(session);
	free_remotes(s);
	free_dbs(s);
	db_close(s->own);
	methods_free(&s->common);
	lock_table_free(s->common.locks);
	loop_timer_free(s->common.reaper);
	loop_timer_free(s->common.resume);
	trim_free(s->common.trim);
	transact_turn_free(s->common.turn);
	free(s);
}

struct err *server_add_db(struct server *s, struct db *db)
{
	const char *name = db_name(db);
	struct hosted_db *hosted;

	HASH_FIND_STR(s->common.dbs, name, hosted);
	if (hosted)
		return err_hint(err_new(ERR_EXISTS,
					"a database called %s is served already", name),
				"serve only one of the files with that schema");
	host(s, db);
	server_db_publish(s->own, db);
	return NULL;
}

void server_fix_schema(struct server *s, const struct db *db)
{
	const char *name = db_name(db);
	struct hosted_db *hosted;

	HASH_FIND_STR(s->common.dbs, name, hosted);
	assert(hosted && hosted->db == db);
	hosted->is_schema_fixed = true;
}

/* The group of a client through 'remote': the remote's, or that of the privileged, who
 * could end the server anyway. */
static struct share *find_group(struct server *s, struct remote *remote,
				const struct stream_peer *peer)
{
	bool is_privileged = remote_config(remote)->kind == STREAM_UNIX &&
			     peer->uid != (uid_t)-1 &&
			     (!peer->uid || peer->uid == geteuid());

	return is_privileged ? &s->common.privileged : remote_share(remote);
}

static bool admit(void *aux, struct remote *remote, struct stream *stream)
{
	struct server *s = aux;
	struct stream_peer peer = stream_peer(stream);
	struct share *group = find_group(s, remote, &peer);
	struct session *session;

	if (!eviction_make_seat(&s->common, group)) {
		log_event(LOG_LEVEL_DEBUG, "client_refused",
			  "peer=%s pid=%d sessions=%zu", peer.address, (int)peer.pid,
			  s->common.all.used[SHARE_SEATS]);
		stream_free(stream);
		return false;
	}
	session = session_new(&s->common, remote, stream, group);
	session->number = ++s->n_admitted;
	return true;
}

struct err *server_set_tls(struct server *s, const struct stream_tls_files *files)
{
	struct stream_tls_files mine = *files;

	assert(!s->tls);
	mine.may_be_mended = true;
	return stream_tls_new(&mine, &s->tls);
}

struct err *server_add_remote(struct server *s, const char *remote)
{
	const struct remote_server server = {.loop = s->common.loop,
					     .tls = s->tls,
					     .all = &s->common.all,
					     .admit = admit,
					     .aux = s};
	struct remote *r;
	struct err *e = remote_open(&server, remote, &r);

	if (e)
		return e;
	s->common.remotes = xrealloc_array(s->common.remotes, s->common.n_remotes + 1,
					   sizeof(*s->common.remotes));
	s->common.remotes[s->common.n_remotes++] = r;
	return NULL;
}

const char *server_remote_bound(const struct server *s, size_t i)
{
	assert(i < s->common.n_remotes);
	return remote_bound(s->common.remotes[i]);
}

void server_keep_arguments(struct server *s)
{
	s->common.keeps_arguments = true;
}

struct err *server_add_subject_role(struct server *s, const char *text)
{
	const char *colon = strrchr(text, ':');
	struct subject_role *sr;
	char *subject;

	if (!colon || colon == text)
		return err_hint(err_new(ERR_INVALID, "%s: not a name and its role", text),
				"write NAME:ROLE, NAME being the common name in a "
				"client's certificate; ROLE may be empty");
	subject = xasprintf("%.*s", (int)(colon - text), text);
	HASH_FIND_STR(s->common.subject_roles, subject, sr);
	if (sr) {
		struct err *e =
			err_new(ERR_EXISTS, "%s: %s has a role already", text, subject);

		free(subject);
		return e;
	}
	sr = xcalloc(1, sizeof(*sr));
	sr->subject = subject;
	sr->role = xstrdup(colon + 1);
	HASH_ADD_KEYPTR(hh, s->common.subject_roles, subject, strlen(subject), sr);
	return NULL;
}

void server_add_method(struct server *s, const struct db *db, const char *name,
		       enum rbac_right right, method_embedded_fn *fn, void *aux)
{
	methods_add(&s->common, db, name, right, fn, aux);
}

void server_add_slices(struct server *s, const struct db *db, const char *name,
		       enum rbac_right right, const struct method_slices *slices,
		       void *aux)
{
	methods_add_slices(&s->common, db, name, right, slices, aux);
}

struct server_stats server_stats(const struct server *s)
{
	const struct session_common *c = &s->common;
	struct server_stats stats = {
		.n_sessions = c->all.used[SHARE_SEATS],
		.max_sessions = c->limits.max_sessions,
		.unsent_bytes = c->all.used[SHARE_UNSENT],
		.n_sessions_ever = s->n_admitted,
	};

	for (const struct session *session = c->sessions; session;
	     session = session->next)
		stats.n_monitors += HASH_COUNT(session->watches_by_id);
	return stats;
}

struct err *server_check_no_params(const struct db *db, const struct json_object *params)
{
	if (json_get_length(params) == 1)
		return NULL;
	return err_new(ERR_INVALID, "the parameters are [\"%s\"]", db_name(db));
}

void server_add_guard(struct server *s, const struct db *db,
		      const struct exec_guard *guard)
{
	struct hosted_db *hosted;

	HASH_FIND_STR(s->common.dbs, db_name(db), hosted);
	assert(hosted && hosted->db == db && !hosted->waiting.guard.op);
	hosted->waiting.guard = *guard;
}
