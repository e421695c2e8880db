/* The methods about monitors: RFC 7047 4.1.5 and 4.1.7, ovsdb-server(7) 4.1.12 to 4.1.15.
 * What is monitored and told is monitor.c's; when, session.c's. */
#include "ovsdb-lite/server/methods.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_key.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static struct watch *find(const struct session *s, const struct json_object *id)
{
	CLEANUP(freep) char *key = json_key(id, SESSION_MAX_ID_BYTES);
	struct watch *sm = NULL;

	if (key)
		HASH_FIND(hh, s->monitors_by_id, key, strlen(key), sm);
	return sm;
}

/* Where it can be found. Its id is short enough. */
static void set_key(struct watch *sm)
{
	struct session *s = sm->session;

	if (sm->key)
		HASH_DEL(s->monitors_by_id, sm);
	free(sm->key);
	sm->key = json_key(monitor_id(sm->monitor), SESSION_MAX_ID_BYTES);
	HASH_ADD_KEYPTR(hh, s->monitors_by_id, sm->key, strlen(sm->key), sm);
}

static void add(struct session *s, struct hosted_db *db, struct monitor *m,
		size_t kept_bytes)
{
	struct watch *sm = xcalloc(1, sizeof(*sm));

	sm->session = s;
	sm->db = db;
	sm->monitor = m;
	sm->kept_bytes = kept_bytes;
	sm->n_commits = db->n_commits;
	DL_APPEND(s->monitors, sm);
	set_key(sm);
	DL_APPEND2(db->watchers, sm, prev_watcher, next_watcher);
}

void watch_free(struct watch *sm)
{
	DL_DELETE(sm->session->monitors, sm);
	HASH_DEL(sm->session->monitors_by_id, sm);
	DL_DELETE2(sm->db->watchers, sm, prev_watcher, next_watcher);
	session_let_go(sm->session, sm->kept_bytes);
	monitor_free(sm->monitor);
	free(sm->key);
	free(sm);
}

static struct err *check_id(const struct json_object *id)
{
	CLEANUP(freep) char *key = json_key(id, SESSION_MAX_ID_BYTES);

	return key ? NULL
		   : err_new(ERR_RESOURCES, "a monitor's id may have %d bytes",
			     SESSION_MAX_ID_BYTES);
}

static struct err *check_new(const struct session *s, const struct jsonrpc_message *m)
{
	struct err *e = check_id(json_at(m->params, 1));

	if (e)
		return e;
	if (find(s, json_at(m->params, 1)))
		return method_at_params(err_new(ERR_SYNTAX, "duplicate monitor ID"), m);
	if (HASH_COUNT(s->monitors_by_id) >= SESSION_MAX_MONITORS)
		return err_new(ERR_RESOURCES, "this client has %d monitors already",
			       SESSION_MAX_MONITORS);
	return NULL;
}

/* What is left for a monitor, new (NULL) or there already. */
static size_t max_scanned(const struct session *s, const struct watch *but)
{
	const struct watch *sm;
	size_t n = 0;

	DL_FOREACH (s->monitors, sm)
		if (sm != but)
			n += monitor_n_scanned(sm->monitor);
	return n < SESSION_MAX_SCANNED ? SESSION_MAX_SCANNED - n : 0;
}

/* Three params in any case; 'since' belongs to MONITOR_COND_SINCE. */
static struct err *start(struct session *s, const struct jsonrpc_message *m,
			 enum monitor_method method, const struct uuid *since)
{
	struct buffer initial = {0};
	size_t kept_bytes = 0;
	struct hosted_db *db;
	struct monitor *new;
	struct err *e;

	e = method_find_db(s, m, &db);
	if (!e)
		e = check_new(s, m);
	if (!e)
		e = session_keep(s, &kept_bytes);
	if (e)
		return e;
	e = monitor_new(db->monitors, method, json_at(m->params, 1),
			json_at(m->params, 2), since, &new);
	if (!e && monitor_n_scanned(new) > max_scanned(s, NULL)) {
		monitor_free(new);
		e = monitor_too_many_scanned(SESSION_MAX_SCANNED);
	}
	if (e) {
		session_let_go(s, kept_bytes);
		return method_at_params(e, m);
	}
	add(s, db, new, kept_bytes);
	monitor_write_initial(new, &initial);
	session_reply_text(s, &initial, json_clone(m->id));
	return NULL;
}

struct err *method_monitor(struct session *s, const struct jsonrpc_message *m,
			   struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a database's name, a monitor's id and what to monitor");

	(void)ret_result;
	return e ? e : start(s, m, MONITOR_PLAIN, NULL);
}

struct err *method_monitor_cond(struct session *s, const struct jsonrpc_message *m,
				struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a database's name, a monitor's id and what to monitor");

	(void)ret_result;
	return e ? e : start(s, m, MONITOR_COND, NULL);
}

struct err *method_monitor_cond_since(struct session *s, const struct jsonrpc_message *m,
				      struct json_object **ret_result)
{
	struct err *e = method_want_params(m, 4,
					   "a database's name, a monitor's id, what to "
					   "monitor and the last transaction's id");
	const struct json_object *last;
	struct uuid since;

	(void)ret_result;
	if (e)
		return e;
	last = json_at(m->params, 3);
	if (json_kind(last) != JSON_STRING || !uuid_parse(json_get_string(last), &since))
		return method_at_params(
			err_new(ERR_SYNTAX, "the last transaction's id must be a UUID"),
			m);
	return start(s, m, MONITOR_COND_SINCE, &since);
}

/* ovsdb-wire 4: what the change makes due is told before the reply, under the new id. */
struct err *method_monitor_cond_change(struct session *s, const struct jsonrpc_message *m,
				       struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a monitor's id, its new id and the new conditions");
	struct watch *sm, *other;

	if (e)
		return e;
	sm = find(s, json_at(m->params, 0));
	if (!sm)
		return method_at_params(err_new(ERR_SYNTAX, "unknown monitor session"),
					m);
	other = find(s, json_at(m->params, 1));
	if (other && other != sm)
		return method_at_params(err_new(ERR_SYNTAX, "duplicate monitor ID"), m);
	e = check_id(json_at(m->params, 1));
	if (!e)
		e = session_keep(s, &sm->kept_bytes);
	if (e)
		return e;
	session_tell(s, sm->monitor);
	e = monitor_change(sm->monitor, json_at(m->params, 1), json_at(m->params, 2),
			   max_scanned(s, sm));
	if (e)
		return method_at_params(e, m);
	set_key(sm);
	session_tell(s, sm->monitor);
	*ret_result = json_object();
	return NULL;
}

struct err *method_monitor_cancel(struct session *s, const struct jsonrpc_message *m,
				  struct json_object **ret_result)
{
	struct err *e = method_want_params(m, 1, "a monitor's id");
	struct watch *sm;

	if (e)
		return e;
	sm = find(s, json_at(m->params, 0));
	if (!sm) {
		session_reply_error(s, json_string("unknown monitor"), json_clone(m->id));
		return NULL;
	}
	watch_free(sm);
	*ret_result = json_object();
	return NULL;
}
