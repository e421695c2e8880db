/* The server: its listeners, databases and sessions, and their ends. Beside it: hosted_db.c
 * is one database, session.c one client, methods.c what can be asked, lock.c the locks.
 */
#include "ovsdb-lite/server/server.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/server_db.h"
#include "ovsdb-lite/server/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <utlist.h>

const struct server_limits server_default_limits = {
	.max_sessions = 500,
	.max_message_bytes = 64 << 20,
	.max_parsed_bytes = 256 << 20,
	.max_kept_bytes = 32 << 20,
	.max_kept_sum_bytes = 256 << 20,
	.max_work = EXEC_MAX_WORK,
	/* One request of the most values, and room for those of others. */
	.max_partial_bytes = 384 << 20,
	.max_unsent_bytes = 16 << 20,
	.max_unsent_sum_bytes = 256 << 20,
	.send_timeout_ms = 60 * 1000,
};

static void tell_lock(void *owner, const char *name, bool stolen)
{
	struct json_object *params = json_array();

	json_add(params, json_string(name));
	session_notify(owner, stolen ? "stolen" : "locked", params);
}

static void on_reap(void *aux)
{
	struct server *s = aux;
	struct session *session, *next;

	DL_FOREACH_SAFE (s->sessions, session, next)
		if (session->is_aborted)
			session_free(session);
}

/* After a peak like this; the databases of a new server were read just before. */
#define PEAK_BYTES    ((size_t)4 << 20)
#define TRIM_DELAY_MS 1000

static void on_trim(void *aux)
{
	(void)aux;
	alloc_trim();
}

void server_note_peak(struct server *s, size_t n_bytes)
{
	if (n_bytes >= PEAK_BYTES)
		loop_timer_set(s->trim, TRIM_DELAY_MS);
}

/* Beside those of clients: listeners, handshakes, files, and what the embedding program
 * has open. */
#define OTHER_DESCRIPTORS 500

/* Clients alone must not use up the descriptors: whoever comes then could not even be
 * looked at, and the kernel side could open nothing. */
static void want_descriptors(struct server *s)
{
	rlim_t wanted = (rlim_t)s->limits.max_sessions + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return;
	s->limits.max_sessions = limit.rlim_cur > 2 * OTHER_DESCRIPTORS
					 ? (size_t)limit.rlim_cur - OTHER_DESCRIPTORS
					 : (size_t)limit.rlim_cur / 2;
	log_event(LOG_LEVEL_WARNING, "clients_limited", "clients=%zu descriptors=%llu",
		  s->limits.max_sessions, (unsigned long long)limit.rlim_cur);
}

static void serve(struct server *s, struct db *db)
{
	struct hosted_db *served = hosted_db_new(s, db);

	HASH_ADD_KEYPTR(hh, s->dbs, served->name, strlen(served->name), served);
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
	s->loop = loop;
	s->limits = limits ? *limits : server_default_limits;
	want_descriptors(s);
	s->id = uuid_random();
	s->privileged = (struct share){.parent = &s->all, .is_privileged = true};
	s->syncer = syncer;
	s->checkpointer = checkpointer;
	s->locks = lock_table_new(tell_lock);
	s->reaper = loop_timer_new(loop, on_reap, s);
	s->resume = loop_timer_new(loop, session_on_resume, s);
	s->trim = loop_timer_new(loop, on_trim, s);
	loop_timer_set(s->trim, TRIM_DELAY_MS);
	s->own = server_db_new();
	serve(s, s->own);
	*ret_server = s;
	return NULL;
}

/* What was promised to be durable is made so, and answered. */
static void finish_syncs(struct server *s)
{
	for (struct hosted_db *db = s->dbs; db; db = db->hh.next)
		group_commit_finish(db->commits);
	worker_free(s->syncer);
	worker_free(s->checkpointer);
}

static void free_dbs(struct server *s)
{
	struct hosted_db *db, *next;

	HASH_ITER (hh, s->dbs, db, next) {
		HASH_DEL(s->dbs, db);
		hosted_db_free(db);
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

static void free_remotes(struct server *s)
{
	struct subject_role *sr, *next;

	for (size_t i = 0; i < s->n_remotes; i++)
		remote_free(s->remotes[i]);
	free(s->remotes);
	HASH_ITER (hh, s->subject_roles, sr, next) {
		HASH_DEL(s->subject_roles, sr);
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
	DL_FOREACH_SAFE (s->sessions, session, next)
		session_free(session);
	free_remotes(s);
	free_dbs(s);
	db_close(s->own);
	free_methods(s);
	lock_table_free(s->locks);
	loop_timer_free(s->reaper);
	loop_timer_free(s->resume);
	loop_timer_free(s->trim);
	free(s);
}

struct err *server_add_db(struct server *s, struct db *db)
{
	const char *name = db_name(db);
	struct hosted_db *served;

	HASH_FIND_STR(s->dbs, name, served);
	if (served)
		return err_hint(err_new(ERR_EXISTS,
					"a database called %s is served already", name),
				"serve only one of the files with that schema");
	serve(s, db);
	server_db_publish(s->own, db);
	return NULL;
}

void server_fix_schema(struct server *s, const struct db *db)
{
	const char *name = db_name(db);
	struct hosted_db *served;

	HASH_FIND_STR(s->dbs, name, served);
	assert(served && served->db == db);
	served->is_schema_fixed = true;
}

struct session *server_admit(struct server *server, struct remote *remote,
			     struct stream *stream)
{
	struct stream_peer peer = stream_peer(stream);
	struct share *group = share_group(server, remote, &peer);
	struct session *s;

	if (!eviction_make_seat(server, group)) {
		log_event(LOG_LEVEL_DEBUG, "client_refused",
			  "peer=%s pid=%d sessions=%zu", peer.address, (int)peer.pid,
			  server->all.used[SHARE_SEATS]);
		stream_free(stream);
		return NULL;
	}
	s = session_new(server, remote, stream, group);
	s->number = ++server->n_admitted;
	DL_APPEND(server->sessions, s);
	return s;
}

struct err *server_set_tls(struct server *s, const struct stream_tls_files *files)
{
	assert(!s->tls);
	return stream_tls_new(files, &s->tls);
}

struct err *server_add_remote(struct server *s, const char *remote)
{
	struct remote *r;
	struct err *e = remote_open(s, remote, &r);

	if (e)
		return e;
	s->remotes = xrealloc_array(s->remotes, s->n_remotes + 1, sizeof(*s->remotes));
	s->remotes[s->n_remotes++] = r;
	return NULL;
}

const char *server_remote_bound(const struct server *s, size_t i)
{
	assert(i < s->n_remotes);
	return remote_bound(s->remotes[i]);
}

void server_keep_arguments(struct server *s)
{
	s->keeps_arguments = true;
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
	HASH_FIND_STR(s->subject_roles, subject, sr);
	if (sr) {
		struct err *e =
			err_new(ERR_EXISTS, "%s: %s has a role already", text, subject);

		free(subject);
		return e;
	}
	sr = xcalloc(1, sizeof(*sr));
	sr->subject = subject;
	sr->role = xstrdup(colon + 1);
	HASH_ADD_KEYPTR(hh, s->subject_roles, subject, strlen(subject), sr);
	return NULL;
}

void server_add_method(struct server *s, const char *name, enum rbac_right right,
		       server_method_fn *fn, void *aux)
{
	struct server_method *m;

	HASH_FIND_STR(s->methods, name, m);
	assert(!m);
	m = xcalloc(1, sizeof(*m));
	m->name = xstrdup(name);
	m->right = right;
	m->fn = fn;
	m->aux = aux;
	HASH_ADD_KEYPTR(hh, s->methods, m->name, strlen(m->name), m);
}
