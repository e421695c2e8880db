/* The methods of RFC 7047 4.1, one table entry each, and those of the embedding program.
 * What a transaction does is transact.c's, what a monitor tells monitor.c's, and
 * session.c sends it. */
#include "ovsdb-lite/session.h"

#include "lib/alloc.h"
#include "ovsdb-lite/exec.h"
#include "ovsdb-lite/json.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Gives '*ret_result', or leaves it NULL if the reply was or will be sent otherwise. */
typedef struct err *method_fn(struct session *s, const struct jsonrpc_message *m,
			      struct json_object **ret_result);

static struct err *at_params(struct err *e, const struct jsonrpc_message *m)
{
	CLEANUP(freep) char *text = json_text(m->params);

	return err_at(e, "%s", text);
}

static struct err *want_params(const struct jsonrpc_message *m, size_t n,
			       const char *what)
{
	if (json_get_length(m->params) == n)
		return NULL;
	return at_params(err_new(ERR_SYNTAX, "%s takes %s", m->method, what), m);
}

/* params[0] of every method that is about a database. */
static struct err *find_db(struct session *s, const struct jsonrpc_message *m,
			   struct served_db **ret_db)
{
	const struct json_object *first = NULL;
	struct served_db *db;
	const char *name;

	if (json_get_length(m->params))
		first = json_at(m->params, 0);
	if (json_kind(first) != JSON_STRING)
		return at_params(err_new(ERR_SYNTAX,
					 "%s request params must begin with <db-name>",
					 m->method),
				 m);
	name = json_get_string(first);
	HASH_FIND_STR(s->server->dbs, name, db);
	if (!db)
		return at_params(err_new(ERR_UNKNOWN_DATABASE,
					 "%s request specifies unknown database %s",
					 m->method, name),
				 m);
	*ret_db = db;
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static struct err *list_dbs(struct session *s, const struct jsonrpc_message *m,
			    struct json_object **ret_result)
{
	size_t n = HASH_COUNT(s->server->dbs), i = 0;
	const char **names = xcalloc(n + 1, sizeof(*names));
	struct json_object *list = json_array();

	(void)m;
	for (struct served_db *db = s->server->dbs; db; db = db->hh.next)
		names[i++] = db_name(db->db);
	qsort(names, n, sizeof(*names), compare_names);
	for (i = 0; i < n; i++)
		json_add(list, json_string(names[i]));
	free(names);
	*ret_result = list;
	return NULL;
}

/* ovsdb-wire 2: further params are ignored; the Python IDL sends some. */
static struct err *get_schema(struct session *s, const struct jsonrpc_message *m,
			      struct json_object **ret_result)
{
	struct served_db *db;
	struct err *e = find_db(s, m, &db);

	if (!e)
		*ret_result = schema_to_json(db_schema(db->db));
	return e;
}

static struct err *echo(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	(void)s;
	*ret_result = json_clone(m->params);
	return NULL;
}

static struct err *transact(struct session *s, const struct jsonrpc_message *m,
			    struct json_object **ret_result)
{
	struct served_db *db;
	struct err *e = find_db(s, m, &db);

	(void)ret_result;
	if (e)
		return e;
	e = transact_start(s, db, m);
	return e ? at_params(e, m) : NULL;
}

static struct session_monitor *find_monitor(const struct session *s,
					    const struct json_object *id)
{
	struct session_monitor *sm;

	DL_FOREACH (s->monitors, sm)
		if (json_equals(monitor_id(sm->monitor), id))
			return sm;
	return NULL;
}

static struct err *monitor(struct session *s, const struct jsonrpc_message *m,
			   struct json_object **ret_result)
{
	struct buffer initial = {0};
	struct session_monitor *sm;
	struct monitor *new;
	struct served_db *db;
	struct err *e;

	(void)ret_result;
	e = find_db(s, m, &db);
	if (!e)
		e = want_params(m, 3,
				"a database's name, a monitor's id and what to monitor");
	if (e)
		return e;
	if (find_monitor(s, json_at(m->params, 1)))
		return at_params(err_new(ERR_SYNTAX, "duplicate monitor ID"), m);
	if (s->n_monitors >= SESSION_MAX_MONITORS)
		return err_new(ERR_RESOURCES, "this client has %d monitors already",
			       SESSION_MAX_MONITORS);
	e = monitor_new(db->monitors, MONITOR_PLAIN, json_at(m->params, 1),
			json_at(m->params, 2), NULL, &new);
	if (e)
		return at_params(e, m);
	sm = xcalloc(1, sizeof(*sm));
	sm->monitor = new;
	DL_APPEND(s->monitors, sm);
	s->n_monitors++;
	monitor_write_initial(new, &initial);
	session_reply_text(s, &initial, json_clone(m->id));
	return NULL;
}

static struct err *monitor_cancel(struct session *s, const struct jsonrpc_message *m,
				  struct json_object **ret_result)
{
	struct err *e = want_params(m, 1, "a monitor's id");
	struct session_monitor *sm;

	if (e)
		return e;
	sm = find_monitor(s, json_at(m->params, 0));
	if (!sm) {
		session_reply_error(s, json_string("unknown monitor"), json_clone(m->id));
		return NULL;
	}
	DL_DELETE(s->monitors, sm);
	s->n_monitors--;
	monitor_free(sm->monitor);
	free(sm);
	*ret_result = json_object();
	return NULL;
}

static struct err *lock_name(const struct jsonrpc_message *m, const char **ret_name)
{
	struct err *e = want_params(m, 1, "a lock's name");

	if (e)
		return e;
	if (json_kind(json_at(m->params, 0)) != JSON_STRING)
		return at_params(err_new(ERR_SYNTAX, "a lock's name is a string"), m);
	*ret_name = json_get_string(json_at(m->params, 0));
	return NULL;
}

static struct err *take_lock(struct session *s, const struct jsonrpc_message *m,
			     bool steal, struct json_object **ret_result)
{
	const char *name;
	bool locked;
	struct err *e;

	e = lock_name(m, &name);
	if (e)
		return e;
	e = lock_take(s->server->locks, s, name, steal, &locked);
	if (e)
		return at_params(e, m);
	*ret_result = json_object();
	json_put(*ret_result, "locked", json_boolean(locked));
	return NULL;
}

static struct err *lock(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	return take_lock(s, m, false, ret_result);
}

static struct err *steal(struct session *s, const struct jsonrpc_message *m,
			 struct json_object **ret_result)
{
	return take_lock(s, m, true, ret_result);
}

static struct err *unlock(struct session *s, const struct jsonrpc_message *m,
			  struct json_object **ret_result)
{
	const char *name;
	struct err *e;

	e = lock_name(m, &name);
	if (e)
		return e;
	e = lock_release(s->server->locks, s, name);
	if (e)
		return at_params(e, m);
	*ret_result = json_object();
	return NULL;
}

static const struct {
	const char *name;
	method_fn *fn;
} methods[] = {
	{"echo", echo},   {"get_schema", get_schema}, {"list_dbs", list_dbs},
	{"lock", lock},   {"monitor", monitor},       {"monitor_cancel", monitor_cancel},
	{"steal", steal}, {"transact", transact},     {"unlock", unlock},
};

static struct err *call(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	struct server_method *own;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(m->method, methods[i].name))
			return methods[i].fn(s, m, ret_result);
	HASH_FIND_STR(s->server->methods, m->method, own);
	if (!own)
		return err_new(ERR_UNKNOWN_METHOD, "%s is not a method of this server",
			       m->method);
	return own->fn(own->aux, m->params, &s->origin, ret_result);
}

/* `cancel` is the one notification that a client has to send (RFC 7047 4.1.4); others are
 * ignored. */
static void notified(struct session *s, const struct jsonrpc_message *m)
{
	if (!strcmp(m->method, "cancel") && json_get_length(m->params) == 1)
		transact_cancel(s, json_at(m->params, 0));
}

void method_call(struct session *s, const struct jsonrpc_message *m)
{
	struct json_object *result = NULL;
	struct err *e;

	if (m->kind == JSONRPC_NOTIFICATION) {
		notified(s, m);
		return;
	}
	e = call(s, m, &result);
	if (!e) {
		if (result)
			session_reply(s, result, json_clone(m->id));
		return;
	}
	/* The Python IDL falls back only on this very string (ovsdb-wire 5). */
	session_reply_error(s,
			    e->code == ERR_UNKNOWN_METHOD
				    ? json_string(err_code_name(e->code))
				    : err_to_json(e),
			    json_clone(m->id));
	err_free(e);
}
