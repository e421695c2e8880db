/* The methods of RFC 7047 4.1 and those that ovsdb-server(7) adds, one table entry each,
 * and those of the embedding program. Beside it: methods_monitor.c has those about
 * monitors. What a transaction does is transact.c's, and session.c sends it. */
#include "ovsdb-lite/server/methods.h"

#include "lib/alloc.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct err *method_at_params(struct err *e, const struct jsonrpc_message *m)
{
	CLEANUP(freep) char *text = json_text(m->params);

	return err_at(e, "%s", text);
}

struct err *method_want_params(const struct jsonrpc_message *m, size_t n,
			       const char *what)
{
	if (json_get_length(m->params) == n)
		return NULL;
	return method_at_params(err_new(ERR_SYNTAX, "%s takes %s", m->method, what), m);
}

struct err *method_find_db(struct session *s, const struct jsonrpc_message *m,
			   struct hosted_db **ret_db)
{
	const struct json_object *first = NULL;
	struct hosted_db *db;
	const char *name;

	if (json_get_length(m->params))
		first = json_at(m->params, 0);
	if (json_kind(first) != JSON_STRING)
		return method_at_params(
			err_new(ERR_SYNTAX, "%s request params must begin with <db-name>",
				m->method),
			m);
	name = json_get_string(first);
	HASH_FIND_STR(s->server->dbs, name, db);
	if (!db)
		return method_at_params(
			err_new(ERR_UNKNOWN_DATABASE,
				"%s request specifies unknown database %s", m->method,
				name),
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
	for (struct hosted_db *db = s->server->dbs; db; db = db->hh.next)
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
	struct hosted_db *db;
	struct err *e = method_find_db(s, m, &db);

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

/* Whether an operation is there that may change something. */
static bool may_write(const struct json_object *params)
{
	static const char *const writing[] = {"insert", "update", "mutate", "delete"};

	for (size_t i = 1; i < json_get_length(params); i++) {
		const struct json_object *operation = json_at(params, i), *op = NULL;

		if (json_kind(operation) == JSON_OBJECT)
			op = json_member(operation, "op");
		for (size_t j = 0; j < ARRAY_SIZE(writing); j++)
			if (json_kind(op) == JSON_STRING &&
			    !strcmp(json_get_string(op), writing[j]))
				return true;
	}
	return false;
}

static struct err *transact(struct session *s, const struct jsonrpc_message *m,
			    struct json_object **ret_result)
{
	struct hosted_db *db;
	struct err *e = method_find_db(s, m, &db);

	(void)ret_result;
	if (e)
		return e;
	if (!s->is_command_known && may_write(m->params))
		session_find_command(s);
	e = transact_start(s, db, m);
	return e ? method_at_params(e, m) : NULL;
}

static struct err *lock_name(const struct jsonrpc_message *m, const char **ret_name)
{
	struct err *e = method_want_params(m, 1, "a lock's name");

	if (e)
		return e;
	if (json_kind(json_at(m->params, 0)) != JSON_STRING)
		return method_at_params(err_new(ERR_SYNTAX, "a lock's name is a string"),
					m);
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
		return method_at_params(e, m);
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
		return method_at_params(e, m);
	*ret_result = json_object();
	return NULL;
}

/* ovsdb-server(7) 4.1.17: of this run. */
static struct err *get_server_id(struct session *s, const struct jsonrpc_message *m,
				 struct json_object **ret_result)
{
	char text[UUID_TEXT_BYTES];

	(void)m;
	*ret_result = json_string(uuid_format(&s->server->id, text));
	return NULL;
}

/* ovsdb-server(7) 4.1.16. */
static struct err *set_db_change_aware(struct session *s, const struct jsonrpc_message *m,
				       struct json_object **ret_result)
{
	struct err *e = method_want_params(m, 1, "true or false");

	if (e)
		return e;
	if (json_kind(json_at(m->params, 0)) != JSON_BOOLEAN)
		return method_at_params(
			err_new(ERR_SYNTAX, "%s takes true or false", m->method), m);
	s->is_change_aware = json_get_boolean(json_at(m->params, 0));
	*ret_result = json_object();
	return NULL;
}

static const struct {
	const char *name;
	enum rbac_right right;
	method_fn *fn;
} methods[] = {
	{"convert", RBAC_ALL, method_convert},
	{"echo", RBAC_READ, echo},
	{"get_history", RBAC_READ, method_get_history},
	{"get_schema", RBAC_READ, get_schema},
	{"get_server_id", RBAC_READ, get_server_id},
	{"list_dbs", RBAC_READ, list_dbs},
	{"lock", RBAC_WRITE, lock},
	{"monitor", RBAC_READ, method_monitor},
	{"monitor_cancel", RBAC_READ, method_monitor_cancel},
	{"monitor_cond", RBAC_READ, method_monitor_cond},
	{"monitor_cond_change", RBAC_READ, method_monitor_cond_change},
	{"monitor_cond_since", RBAC_READ, method_monitor_cond_since},
	{"set_db_change_aware", RBAC_READ, set_db_change_aware},
	{"steal", RBAC_WRITE, steal},
	/* Its operations are judged one by one. */
	{"transact", RBAC_READ, transact},
	/* Its rows are not judged one by one. */
	{"undo", RBAC_ALL, method_undo},
	{"unlock", RBAC_READ, unlock},
};

static struct err *call(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	struct server_method *own;
	struct err *e;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(m->method, methods[i].name) != 0)
			continue;
		e = rbac_check_right(&s->subject, methods[i].right, m->method);
		return e ? e : methods[i].fn(s, m, ret_result);
	}
	HASH_FIND_STR(s->server->methods, m->method, own);
	if (!own)
		return err_new(ERR_UNKNOWN_METHOD, "%s is not a method of this server",
			       m->method);
	e = rbac_check_right(&s->subject, own->right, m->method);
	if (e)
		return e;
	if (own->right != RBAC_READ)
		session_find_command(s);
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
				    : error_object_new(e),
			    json_clone(m->id));
	err_free(e);
}
