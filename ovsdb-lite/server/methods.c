/* The methods of RFC 7047 4.1 and those that ovsdb-server(7) adds, one table entry each,
 * and those of the embedding program. */
#include "ovsdb-lite/server/methods.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/hosted_db.h"
#include "ovsdb-lite/server/methods_history.h"
#include "ovsdb-lite/server/methods_monitor.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/server/session_peer.h"
#include "ovsdb-lite/server/transact.h"
#include "ovsdb-lite/server/watch.h"
#include "ovsdb-lite/wire/error_object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static struct err *list_dbs(struct session *s, const struct jsonrpc_message *m,
			    struct json_object **ret_result)
{
	size_t n = HASH_COUNT(s->common->dbs), i = 0;
	const char **names = xcalloc(n + 1, sizeof(*names));
	struct json_object *list = json_array();

	(void)m;
	for (struct hosted_db *db = s->common->dbs; db; db = db->hh.next)
		names[i++] = db_name(db->db);
	qsort(names, n, sizeof(*names), compare_names);
	for (i = 0; i < n; i++)
		json_add(list, json_string(names[i]));
	free(names);
	*ret_result = list;
	return NULL;
}

/* ovsdb-wire.md 2: further params are ignored; the Python IDL sends some. */
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

/* True if an operation may change something. */
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
		session_peer_find_command(s);
	e = transact_start(s, &db->waiting, m);
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
	e = lock_take(s->common->locks, s, name, steal, &locked);
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
	e = lock_release(s->common->locks, s, name);
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
	*ret_result = json_string(uuid_format(&s->common->server_id, text));
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

static struct err *check_convertible(const struct hosted_db *db)
{
	if (db->db == db->server_db)
		return err_new(ERR_NOT_ALLOWED,
			       "convert: database %s is the server's own", db->name);
	if (db->is_schema_fixed)
		return err_hint(err_new(ERR_NOT_ALLOWED,
					"convert: the schema of database %s is fixed by "
					"the program that serves it",
					db->name),
				"a newer version of the program brings its own");
	return NULL;
}

/* ovsdb-server(7) 4.1.20: another schema for a database while it is hosted. */
static struct err *convert(struct session *s, const struct jsonrpc_message *m,
			   struct json_object **ret_result)
{
	struct schema *schema;
	struct hosted_db *db;
	struct err *e;

	(void)ret_result;
	e = method_find_db(s, m, &db);
	if (!e)
		e = method_want_params(m, 2, "a database's name and its new schema");
	if (!e)
		e = check_convertible(db);
	if (!e)
		e = schema_from_json(json_at(m->params, 1), &schema);
	if (e)
		return e;
	e = hosted_db_convert(db, schema, s);
	schema_free(schema);
	if (!e)
		session_reply_durable(s, json_object(), json_clone(m->id), db->commits);
	return e;
}

static const struct {
	const char *name;
	enum rbac_right right;
	method_fn *fn;
} methods[] = {
	{"convert", RBAC_ALL, convert},
	{"echo", RBAC_READ, echo},
	{"get_history", RBAC_READ, methods_get_history},
	{"get_schema", RBAC_READ, get_schema},
	{"get_server_id", RBAC_READ, get_server_id},
	{"list_dbs", RBAC_READ, list_dbs},
	{"lock", RBAC_WRITE, lock},
	{"monitor", RBAC_READ, methods_monitor},
	{"monitor_cancel", RBAC_READ, methods_monitor_cancel},
	{"monitor_cond", RBAC_READ, methods_monitor_cond},
	{"monitor_cond_change", RBAC_READ, methods_monitor_cond_change},
	{"monitor_cond_since", RBAC_READ, methods_monitor_cond_since},
	{"set_db_change_aware", RBAC_READ, set_db_change_aware},
	{"steal", RBAC_WRITE, steal},
	/* The rights are checked for each operation. */
	{"transact", RBAC_READ, transact},
	/* The rights are not checked for each row. */
	{"undo", RBAC_ALL, methods_undo},
	{"unlock", RBAC_READ, unlock},
};

/* --- of the embedding program --- */

struct server_method {
	char *name;
	const struct db *db; /* NULL: of no database */
	enum rbac_right right;
	method_embedded_fn *fn; /* NULL: in slices */
	const struct method_slices *slices;
	void *aux;
	UT_hash_handle hh;
};

static struct server_method *add(struct session_common *common, const struct db *db,
				 const char *name, enum rbac_right right, void *aux)
{
	struct server_method *m;

	HASH_FIND_STR(common->methods, name, m);
	assert(!m);
	m = xcalloc(1, sizeof(*m));
	m->name = xstrdup(name);
	m->db = db;
	m->right = right;
	m->aux = aux;
	HASH_ADD_KEYPTR(hh, common->methods, m->name, strlen(m->name), m);
	return m;
}

void methods_add(struct session_common *common, const struct db *db, const char *name,
		 enum rbac_right right, method_embedded_fn *fn, void *aux)
{
	add(common, db, name, right, aux)->fn = fn;
}

void methods_add_slices(struct session_common *common, const struct db *db,
			const char *name, enum rbac_right right,
			const struct method_slices *slices, void *aux)
{
	add(common, db, name, right, aux)->slices = slices;
}

void methods_free(struct session_common *common)
{
	struct server_method *m, *next;

	HASH_ITER (hh, common->methods, m, next) {
		HASH_DEL(common->methods, m);
		free(m->name);
		free(m);
	}
}

struct slices_request {
	struct session_task task;
	const struct method_slices *slices;
	void *work;
	struct buffer result;
	struct json_object *id;
};

static struct slices_request *slices_of(const struct session *s)
{
	return (struct slices_request *)s->task;
}

/* Returns the id. */
static struct json_object *end_slices(struct session *s)
{
	struct slices_request *r = slices_of(s);
	struct json_object *id = r->id;

	s->task = NULL;
	r->slices->free(r->work);
	buffer_clear(&r->result);
	free(r);
	return id;
}

static void go_on_slices(struct session *s)
{
	struct slices_request *r = slices_of(s);
	int64_t end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	CLEANUP(buffer_clearp) struct buffer result = {0};
	bool is_over = false;
	struct err *e = r->slices->go_on(r->work, end_ms, &r->result, &is_over);
	struct json_object *id;

	if (!e && !is_over)
		return;
	result = r->result;
	r->result = (struct buffer){0};
	id = end_slices(s);
	if (e)
		session_reply_error(s, error_object_new(e), id);
	else
		session_reply_text(s, &result, id);
	err_free(e);
	watch_send_all_if_able(s);
}

static void drop_slices(struct session *s)
{
	json_free(end_slices(s));
}

/* Answers the request at once, or in later iterations as the session's task. */
static struct err *start_slices(struct session *s, const struct method_slices *slices,
				void *aux, const struct jsonrpc_message *m)
{
	struct slices_request *r;
	void *work;
	struct err *e = slices->begin(aux, m->params, &s->origin, &work);

	if (e)
		return e;
	assert(!s->task);
	r = xcalloc(1, sizeof(*r));
	*r = (struct slices_request){.task = {.go_on = go_on_slices,
					      .drop = drop_slices,
					      .pause_ms = SESSION_ITERATION_MS},
				     .slices = slices,
				     .work = work,
				     .id = json_copy(m->id)};
	s->task = &r->task;
	go_on_slices(s);
	session_resume(s);
	return NULL;
}

static struct err *check_db(struct session *s, const struct jsonrpc_message *m,
			    const struct db *db)
{
	struct hosted_db *named;
	struct err *e = method_find_db(s, m, &named);

	if (e || named->db == db)
		return e;
	return method_at_params(err_new(ERR_SYNTAX, "%s is not a method of database %s",
					m->method, named->name),
				m);
}

static struct err *call_embedded(struct session *s, const struct jsonrpc_message *m,
				 struct json_object **ret_result)
{
	struct server_method *method;
	struct err *e;

	HASH_FIND_STR(s->common->methods, m->method, method);
	if (!method)
		return err_new(ERR_UNKNOWN_METHOD, "%s is not a method of this server",
			       m->method);
	e = rbac_check_right(&s->subject, method->right, m->method);
	if (!e && method->db)
		e = check_db(s, m, method->db);
	if (e)
		return e;
	if (method->right != RBAC_READ)
		session_peer_find_command(s);
	if (!method->fn)
		return start_slices(s, method->slices, method->aux, m);
	return method->fn(method->aux, m->params, &s->origin, ret_result);
}

/* --- calls --- */

static struct err *call(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	struct err *e;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(m->method, methods[i].name) != 0)
			continue;
		e = rbac_check_right(&s->subject, methods[i].right, m->method);
		return e ? e : methods[i].fn(s, m, ret_result);
	}
	return call_embedded(s, m, ret_result);
}

/* `cancel` is the one notification that a client has to send (RFC 7047 4.1.4); others are
 * ignored. */
static void notified(struct session *s, const struct jsonrpc_message *m)
{
	if (!strcmp(m->method, "cancel") && json_get_length(m->params) == 1)
		transact_cancel(s, json_at(m->params, 0));
}

void methods_call(struct session *s, const struct jsonrpc_message *m)
{
	struct json_object *result = NULL;
	struct err *e;

	if (strcmp(m->method, "transact") != 0)
		transact_turn_flush(s->common);
	if (m->kind == JSONRPC_NOTIFICATION) {
		notified(s, m);
		return;
	}
	e = call(s, m, &result);
	/* Of an earlier transaction: replies keep the order of their requests. */
	if (e)
		transact_turn_flush(s->common);
	if (!e) {
		if (result)
			session_reply(s, result, json_clone(m->id));
		return;
	}
	/* The Python IDL falls back only on this very string (ovsdb-wire.md 5). */
	session_reply_error(s,
			    e->code == ERR_UNKNOWN_METHOD
				    ? json_string(err_code_name(e->code))
				    : error_object_new(e),
			    json_clone(m->id));
	err_free(e);
}
