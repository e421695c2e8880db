/* The methods about monitors: RFC 7047 4.1.5 and 4.1.7, ovsdb-server(7) 4.1.12 to 4.1.15. */
#include "ovsdb-lite/server/methods_monitor.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/hosted_db.h"
#include "ovsdb-lite/server/session_keep.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/json/json_key.h"

#include <stdlib.h>
#include <utlist.h>

/* Of one client; more get "resources exhausted". */
#define MAX_MONITORS 1000
#define MAX_SCANNED  1000 /* monitor_n_scanned() of its monitors together */

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
	if (watch_find(s, json_at(m->params, 1)))
		return method_at_params(err_new(ERR_SYNTAX, "duplicate monitor ID"), m);
	if (HASH_COUNT(s->watches_by_id) >= MAX_MONITORS)
		return err_new(ERR_RESOURCES, "this client has %d monitors already",
			       MAX_MONITORS);
	return NULL;
}

/* What is left for a new monitor, or for 'except', which exists already. */
static size_t max_scanned(const struct session *s, const struct watch *except)
{
	const struct watch *w;
	size_t n = 0;

	DL_FOREACH (s->watches, w)
		if (w != except)
			n += monitor_n_scanned(w->monitor);
	return n < MAX_SCANNED ? MAX_SCANNED - n : 0;
}

/* There are at least three params; 'since' is for MONITOR_COND_SINCE. */
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
	e = monitor_new(db->watches.monitors, method, json_at(m->params, 1),
			json_at(m->params, 2), since, &new);
	if (!e && monitor_n_scanned(new) > max_scanned(s, NULL)) {
		monitor_free(new);
		e = monitor_too_many_scanned(MAX_SCANNED);
	}
	if (e) {
		session_release_kept(s, kept_bytes);
		return method_at_params(e, m);
	}
	watch_add(s, &db->watches, new, kept_bytes);
	monitor_write_initial(new, &initial);
	session_reply_text(s, &initial, json_clone(m->id));
	return NULL;
}

struct err *methods_monitor(struct session *s, const struct jsonrpc_message *m,
			    struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a database's name, a monitor's id and what to monitor");

	(void)ret_result;
	return e ? e : start(s, m, MONITOR_PLAIN, NULL);
}

struct err *methods_monitor_cond(struct session *s, const struct jsonrpc_message *m,
				 struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a database's name, a monitor's id and what to monitor");

	(void)ret_result;
	return e ? e : start(s, m, MONITOR_COND, NULL);
}

struct err *methods_monitor_cond_since(struct session *s, const struct jsonrpc_message *m,
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

/* ovsdb-wire.md 4: the update that the change makes due is sent before the reply, with the
 * new id. */
struct err *methods_monitor_cond_change(struct session *s,
					const struct jsonrpc_message *m,
					struct json_object **ret_result)
{
	struct err *e = method_want_params(
		m, 3, "a monitor's id, its new id and the new conditions");
	struct watch *w, *other;

	if (e)
		return e;
	w = watch_find(s, json_at(m->params, 0));
	if (!w)
		return method_at_params(err_new(ERR_SYNTAX, "unknown monitor session"),
					m);
	other = watch_find(s, json_at(m->params, 1));
	if (other && other != w)
		return method_at_params(err_new(ERR_SYNTAX, "duplicate monitor ID"), m);
	e = check_id(json_at(m->params, 1));
	if (!e)
		e = session_keep(s, &w->kept_bytes);
	if (e)
		return e;
	watch_send(w);
	e = monitor_change(w->monitor, json_at(m->params, 1), json_at(m->params, 2),
			   max_scanned(s, w));
	if (e)
		return method_at_params(e, m);
	watch_set_key(w);
	watch_send(w);
	*ret_result = json_object();
	return NULL;
}

struct err *methods_monitor_cancel(struct session *s, const struct jsonrpc_message *m,
				   struct json_object **ret_result)
{
	struct err *e = method_want_params(m, 1, "a monitor's id");
	struct watch *w;

	if (e)
		return e;
	w = watch_find(s, json_at(m->params, 0));
	if (!w) {
		session_reply_error(s, json_string("unknown monitor"), json_clone(m->id));
		return NULL;
	}
	watch_free(w);
	*ret_result = json_object();
	return NULL;
}
