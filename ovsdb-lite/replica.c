/* A copy of another server's database, kept by a monitor of all of it. Beside it:
 * client.c is the connection, txn_commit_replicated() the way in. It does not reconnect,
 * and writes nothing to its own tables that the server has not told. */
#include "ovsdb-lite/replica.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"
#include "ovsdb-lite/schema.h"
#include "ovsdb-lite/txn.h"

#include <stdlib.h>
#include <string.h>

struct replica {
	struct client *client;
	struct db *db; /* NULL until the schema is here */
	struct err *error;
};

/* The first reason counts; takes 'e', which may be NULL. */
static void fail_with(struct replica *r, struct err *e)
{
	if (r->error)
		err_free(e);
	else
		r->error = e;
}

static struct err *set_columns(struct txn *t, struct row *row,
			       const struct json_object *new)
{
	const struct table_schema *ts = table_schema(row_table(row));

	for (struct json_iter i = json_iter_begin(new); json_iter_next(&i);) {
		const struct column_schema *c = table_schema_find(ts, i.name);
		struct datum d;
		struct err *e;

		if (!c)
			return err_new(ERR_PROTOCOL, "%s has no column %s", ts->name,
				       i.name);
		e = datum_from_json(&d, &c->type, i.value, NULL);
		if (e)
			return err_wrap(e, "column %s of %s", i.name, ts->name);
		txn_set(t, row, c, &d);
	}
	return NULL;
}

/* RFC 7047 4.1.6 <row-update>: without "new" the row is gone. */
static struct err *apply_row(struct txn *t, struct table *table, const char *name,
			     const struct json_object *update)
{
	const struct json_object *new;
	struct err *e = NULL;
	struct uuid uuid;
	struct row *row;

	if (!uuid_parse(name, &uuid) || json_kind(update) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "%s is not a row's update", name);
	new = json_member(update, "new");
	row = txn_find(t, table, &uuid);
	if (!new) {
		if (row)
			txn_delete(t, row);
		return NULL;
	}
	if (json_kind(new) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "%s is not a row's update", name);
	if (!row)
		e = txn_insert(t, table, &uuid, &row);
	return e ? e : set_columns(t, row, new);
}

static struct err *apply_table(struct txn *t, const char *name,
			       const struct json_object *rows)
{
	struct table *table = db_table(txn_db(t), name);
	struct err *e = NULL;

	if (!table || json_kind(rows) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "%s is not a table's updates", name);
	for (struct json_iter i = json_iter_begin(rows); json_iter_next(&i) && !e;)
		e = apply_row(t, table, i.name, i.value);
	return e;
}

static struct err *apply(struct replica *r, const struct json_object *tables)
{
	const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct err *e = NULL;
	struct txn *t;

	if (json_kind(tables) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "an update is no object");
	t = txn_new(r->db, &origin);
	for (struct json_iter i = json_iter_begin(tables); json_iter_next(&i) && !e;)
		e = apply_table(t, i.name, i.value);
	if (!e)
		e = txn_commit_replicated(t);
	txn_free(t);
	return e;
}

static void apply_or_fail(struct replica *r, const struct json_object *tables)
{
	struct err *e;

	if (r->error)
		return;
	e = apply(r, tables);
	if (e)
		fail_with(r, err_wrap(e, "the server's update of %s cannot be understood",
				      db_name(r->db)));
}

static void on_notification(void *aux, const char *method,
			    const struct json_object *params)
{
	struct replica *r = aux;

	if (r->db && !strcmp(method, "update") && json_get_length(params) == 2)
		apply_or_fail(r, json_at(params, 1));
}

static void on_initial(void *aux, const struct json_object *result, const struct err *e)
{
	struct replica *r = aux;

	if (e)
		fail_with(r, err_copy(e));
	else
		apply_or_fail(r, result);
}

static void on_closed(void *aux, struct err *e)
{
	fail_with(aux, e);
}

static struct err *fetch_schema(struct replica *r, const char *db_name,
				int64_t timeout_ms)
{
	CLEANUP(json_freep) struct json_object *json = NULL;
	struct json_object *params = json_array();
	struct schema *schema;
	struct err *e;

	json_add(params, json_string(db_name));
	e = client_call(r->client, "get_schema", params, timeout_ms, &json);
	if (!e)
		e = schema_from_json(json, &schema);
	if (!e)
		r->db = db_new_in_memory(schema);
	return e;
}

/* All columns by name: leaving them out would ask for _version as well. */
static struct json_object *monitor_all(const struct schema *s)
{
	struct json_object *requests = json_object();

	for (size_t i = 0; i < s->n_tables; i++) {
		struct json_object *columns = json_array(), *request = json_object();

		for (size_t j = 0; j < s->tables[i].n_columns; j++)
			json_add(columns, json_string(s->tables[i].columns[j].name));
		json_put(request, "columns", columns);
		json_put(requests, s->tables[i].name, request);
	}
	return requests;
}

static struct err *fetch_rows(struct replica *r, int64_t timeout_ms)
{
	struct json_object *params = json_array(), *ignored;
	struct err *e;

	json_add(params, json_string(db_name(r->db)));
	json_add(params, json_string("replica"));
	json_add(params, monitor_all(db_schema(r->db)));
	/* The reply must be applied before the updates that may come right behind it;
	 * replies come in order, so when the echo is back, it was. */
	client_send(r->client, "monitor", params, on_initial, r);
	e = client_call(r->client, "echo", json_array(), timeout_ms, &ignored);
	if (!e)
		json_free(ignored);
	if (r->error) {
		err_free(e);
		e = err_copy(r->error);
	}
	return e;
}

static int64_t time_left(int64_t start, int64_t timeout_ms)
{
	int64_t left = start + timeout_ms - loop_now_ms();

	if (timeout_ms < 0)
		return -1;
	return left > 0 ? left : 0;
}

struct err *replica_open(struct loop *loop, const char *address, struct stream_tls *tls,
			 const char *db_name, int64_t timeout_ms,
			 struct replica **ret_replica)
{
	static const struct client_handlers handlers = {on_notification, on_closed};
	struct replica *r = xcalloc(1, sizeof(*r));
	int64_t start = loop_now_ms();
	struct err *e;

	e = client_open(loop, address, tls, &handlers, r, &r->client);
	if (!e)
		e = fetch_schema(r, db_name, timeout_ms);
	if (!e)
		e = fetch_rows(r, time_left(start, timeout_ms));
	if (e) {
		replica_close(r);
		return e;
	}
	*ret_replica = r;
	return NULL;
}

void replica_close(struct replica *r)
{
	if (!r)
		return;
	client_close(r->client);
	db_close(r->db);
	err_free(r->error);
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
	struct json_object *operations = txn_to_operations(t);
	size_t n_own = json_get_length(operations);
	size_t n_extra = extra ? json_get_length(extra) : 0;
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct json_object *of_extra;
	struct err *e;

	for (size_t i = 0; i < n_extra; i++)
		json_add(operations, json_clone(json_at(extra, i)));
	json_free(extra);
	json_add(operations, durable_commit());
	e = client_transact(r->client, db_name(r->db), operations, timeout_ms, &results);
	/* A wait that failed says which operation it was; a server that is silent does
	 * not. */
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
