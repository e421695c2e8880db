/* The connection of a replica, and its monitor. Only the server's updates change the
 * tables.
 *
 * It does not send set_db_change_aware: a server disconnects clients that do not when a
 * schema changes (ovsdb-wire.md 5), and the next connection shows the new schema. */
#include "ovsdb-lite/client/replica.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/client/replica_apply.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdlib.h>
#include <string.h>

enum method { METHOD_COND_SINCE, METHOD_COND, METHOD_PLAIN }; /* the best first */

static const struct {
	const char *name, *update;
	size_t n_params; /* of an update */
} methods[] = {
	[METHOD_COND_SINCE] = {"monitor_cond_since", "update3", 3},
	[METHOD_COND] = {"monitor_cond", "update2", 2},
	[METHOD_PLAIN] = {"monitor", "update", 2},
};

struct replica {
	struct loop *loop;
	struct replica_options options; /* its pointers are invalid once it is open */
	char *address, *db_name;
	struct json_object *schema;   /* as the server sent it; NULL before */
	struct json_object *requests; /* <monitor-cond-requests>; NULL before */
	struct db *db;                /* NULL before the schema */

	struct client *client; /* NULL while there is no connection */
	enum method method;
	struct uuid last; /* transaction in the tables; zeros if unknown */
	bool is_ready;    /* they are up to date, and updates come */
	bool is_opened;   /* replica_open() has returned */
	struct err *error;
	struct loop_timer *retry;
	int64_t backoff_ms; /* until the next try */
};

static void connect_server(struct replica *r);

/* Takes 'e'. The replica may be gone after it. */
static void lose(struct replica *r, struct err *e)
{
	bool is_final = e->code == ERR_INTERRUPTED;
	bool is_news = r->is_opened && (r->is_ready || is_final);

	client_close(STEAL(r->client));
	r->is_ready = false;
	err_free(r->error);
	r->error = e;
	if (r->is_opened && r->options.reconnects && !is_final) {
		loop_timer_set(r->retry, r->backoff_ms);
		r->backoff_ms *= 2;
		if (r->backoff_ms > REPLICA_MAX_BACKOFF_MS)
			r->backoff_ms = REPLICA_MAX_BACKOFF_MS;
	}
	if (is_news && r->options.state)
		r->options.state(r->options.aux, r->error);
}

/* The replica may be gone after it. */
static void get_ready(struct replica *r)
{
	r->is_ready = true;
	err_free(STEAL(r->error));
	r->backoff_ms = r->options.min_backoff_ms;
	if (r->is_opened && r->options.state)
		r->options.state(r->options.aux, NULL);
}

/* An update is invalid: the next connection requests everything. Takes 'e'. */
static void give_up(struct replica *r, struct err *e)
{
	memset(&r->last, 0, sizeof(r->last));
	lose(r, err_wrap(e, "invalid update of %s from %s", r->db_name, r->address));
}

static struct err *take_last(struct replica *r, const struct json_object *id)
{
	if (json_kind(id) == JSON_STRING && uuid_parse(json_get_string(id), &r->last))
		return NULL;
	return err_new(ERR_PROTOCOL, "a transaction's id is not a UUID");
}

/* ovsdb-server(7) 4.1.15: [found, last transaction, updates]. */
static struct err *take_since(struct replica *r, const struct json_object *result)
{
	struct err *e;

	if (json_kind(result) != JSON_ARRAY || json_get_length(result) != 3 ||
	    json_kind(json_at(result, 0)) != JSON_BOOLEAN)
		return err_new(ERR_PROTOCOL, "invalid reply to \"monitor_cond_since\"");
	e = replica_apply(r->db, json_at(result, 2), false,
			  !json_get_boolean(json_at(result, 0)));
	return e ? e : take_last(r, json_at(result, 1));
}

static void ask_for_rows(struct replica *r);

static void on_rows(void *aux, const struct json_object *result, const struct err *error)
{
	struct replica *r = aux;
	struct err *e;

	if (error && error->code == ERR_UNKNOWN_METHOD && r->method != METHOD_PLAIN) {
		r->method++;
		ask_for_rows(r);
		return;
	}
	if (error) {
		lose(r, err_copy(error));
		return;
	}
	if (r->method == METHOD_COND_SINCE) {
		e = take_since(r, result);
	} else {
		memset(&r->last, 0, sizeof(r->last));
		e = replica_apply(r->db, result, r->method == METHOD_PLAIN, true);
	}
	if (e)
		give_up(r, e);
	else
		get_ready(r);
}

/* RFC 7047 has no conditions. */
static struct json_object *plain_requests(const struct json_object *requests)
{
	struct json_object *plain = json_object();

	for (struct json_iter i = json_iter_begin(requests); json_iter_next(&i);) {
		struct json_object *request = json_object();

		json_put(request, "columns", json_clone(json_member(i.value, "columns")));
		json_put(plain, i.name, request);
	}
	return plain;
}

static void ask_for_rows(struct replica *r)
{
	struct json_object *params = json_array();
	char last[UUID_TEXT_BYTES];

	json_add(params, json_string(r->db_name));
	json_add(params, json_string("replica"));
	json_add(params, r->method == METHOD_PLAIN ? plain_requests(r->requests)
						   : json_clone(r->requests));
	if (r->method == METHOD_COND_SINCE)
		json_add(params, json_string(uuid_format(&r->last, last)));
	client_send(r->client, methods[r->method].name, params, on_rows, r);
}

/* All columns by name: without names the server would send _version, too. */
static struct json_object *all_columns(const struct table_schema *ts)
{
	struct json_object *columns = json_array();

	for (size_t i = 0; i < ts->n_columns; i++)
		json_add(columns, json_string(ts->columns[i].name));
	return columns;
}

static struct err *put_request(struct json_object *requests, const struct schema *s,
			       const struct replica_table *rt)
{
	const struct table_schema *ts = schema_find_table(s, rt->name);
	struct json_object *request, *columns;

	if (!ts)
		return err_new(ERR_NOT_FOUND, "database %s has no table %s", s->name,
			       rt->name);
	columns = rt->columns ? json_array() : all_columns(ts);
	for (size_t i = 0; rt->columns && rt->columns[i]; i++)
		json_add(columns, json_string(rt->columns[i]));
	request = json_object();
	json_put(request, "columns", columns);
	if (rt->where)
		json_put(request, "where", json_clone(rt->where));
	json_put(requests, rt->name, request);
	return NULL;
}

static struct err *make_requests(struct replica *r)
{
	const struct replica_options *o = &r->options;
	const struct schema *s = db_schema(r->db);
	struct err *e = NULL;

	r->requests = json_object();
	for (size_t i = 0; o->tables && i < o->n_tables && !e; i++)
		e = put_request(r->requests, s, &o->tables[i]);
	for (size_t i = 0; !o->tables && i < s->n_tables && !e; i++)
		e = put_request(r->requests, s,
				&(struct replica_table){.name = s->tables[i].name});
	return e;
}

/* The first schema makes the tables; later ones must equal it. */
static struct err *take_schema(struct replica *r, const struct json_object *json)
{
	struct schema *schema;
	struct err *e;

	if (r->schema && json_equals(r->schema, json))
		return NULL;
	if (r->schema)
		return err_hint(err_new(ERR_INTERRUPTED,
					"the schema of %s at %s has changed", r->db_name,
					r->address),
				"connect again");
	e = schema_from_json(json, &schema);
	if (e)
		return e;
	r->schema = json_clone(json);
	r->db = db_new_in_memory(schema);
	return make_requests(r);
}

static void on_schema(void *aux, const struct json_object *result,
		      const struct err *error)
{
	struct replica *r = aux;
	struct err *e = error ? err_copy(error) : take_schema(r, result);

	if (e) {
		lose(r, e);
		return;
	}
	r->method = METHOD_COND_SINCE;
	ask_for_rows(r);
}

static void on_notification(void *aux, const char *method,
			    const struct json_object *params)
{
	struct replica *r = aux;
	size_t n = methods[r->method].n_params;
	struct err *e = NULL;

	if (!r->is_ready || strcmp(method, methods[r->method].update))
		return;
	if (json_get_length(params) != n)
		e = err_new(ERR_PROTOCOL, "it does not have %zu parameters", n);
	if (!e)
		e = replica_apply(r->db, json_at(params, n - 1),
				  r->method == METHOD_PLAIN, false);
	if (!e && r->method == METHOD_COND_SINCE)
		e = take_last(r, json_at(params, 1));
	if (e)
		give_up(r, e);
}

static void on_closed(void *aux, struct err *e)
{
	lose(aux, e);
}

static void on_retry(void *aux)
{
	connect_server(aux);
}

static void connect_server(struct replica *r)
{
	static const struct client_handlers handlers = {on_notification, on_closed};
	struct json_object *params;
	struct err *e = client_open(r->loop, r->address, r->options.tls, &handlers, r,
				    &r->client);

	if (e) {
		lose(r, e);
		return;
	}
	params = json_array();
	json_add(params, json_string(r->db_name));
	client_send(r->client, "get_schema", params, on_schema, r);
}

static struct err *wait_until_ready(struct replica *r, int64_t timeout_ms)
{
	int64_t deadline = clock_now_ms() + timeout_ms;
	struct err *e = NULL;

	while (!r->is_ready && !r->error && !e) {
		int64_t left = timeout_ms < 0 ? -1 : deadline - clock_now_ms();

		if (timeout_ms >= 0 && left <= 0)
			e = err_new(ERR_TIMED_OUT,
				    "%s did not send the database %s within %lld ms",
				    r->address, r->db_name, (long long)timeout_ms);
		else
			e = loop_run_once(r->loop, left);
	}
	if (!e && r->error)
		e = err_copy(r->error);
	return e;
}

struct err *replica_open(struct loop *loop, const struct replica_options *o,
			 int64_t timeout_ms, struct replica **ret_replica)
{
	struct replica *r = xcalloc(1, sizeof(*r));
	struct err *e;

	r->loop = loop;
	r->options = *o;
	if (!r->options.min_backoff_ms)
		r->options.min_backoff_ms = REPLICA_MIN_BACKOFF_MS;
	r->address = xstrdup(o->address);
	r->db_name = xstrdup(o->db_name);
	r->retry = loop_timer_new(loop, on_retry, r);
	connect_server(r);
	e = wait_until_ready(r, timeout_ms);
	if (e) {
		replica_close(r);
		return e;
	}
	r->is_opened = true;
	*ret_replica = r;
	return NULL;
}

void replica_close(struct replica *r)
{
	if (!r)
		return;
	client_close(r->client);
	loop_timer_free(r->retry);
	db_close(r->db);
	json_free(r->schema);
	json_free(r->requests);
	err_free(r->error);
	free(r->address);
	free(r->db_name);
	free(r);
}

struct db *replica_db(const struct replica *r)
{
	return r->db;
}

struct client *replica_client(const struct replica *r)
{
	return r->client;
}

const struct err *replica_error(const struct replica *r)
{
	return r->error;
}

static struct json_object *durable_commit(void)
{
	struct json_object *op = json_object();

	json_put(op, "op", json_string("commit"));
	json_put(op, "durable", json_boolean(true));
	return op;
}

struct err *replica_commit(struct replica *r, const struct txn *t,
			   struct json_object *extra, int64_t timeout_ms,
			   struct json_object **ret_results)
{
	struct json_object *operations, *of_extra;
	CLEANUP(json_freep) struct json_object *results = NULL;
	size_t n_own, n_extra = extra ? json_get_length(extra) : 0;
	struct err *e;

	if (r->error) {
		json_free(extra);
		return err_copy(r->error);
	}
	operations = txn_to_operations(t);
	n_own = json_get_length(operations);
	for (size_t i = 0; i < n_extra; i++)
		json_add(operations, json_clone(json_at(extra, i)));
	json_free(extra);
	json_add(operations, durable_commit());
	e = client_transact(r->client, r->db_name, operations, timeout_ms, &results);
	/* A failed `wait` has its operation as the path; a server that does not answer
	 * has none. */
	if (e && e->code == ERR_TIMED_OUT && !e->path)
		e->code = ERR_BUSY;
	if (!e && r->error)
		e = err_copy(r->error);
	if (e || !ret_results)
		return e;
	of_extra = json_array();
	for (size_t i = 0; i < n_extra; i++)
		json_add(of_extra, json_clone(json_at(results, n_own + i)));
	*ret_results = of_extra;
	return NULL;
}
