/* Monitors: what they tell, and when, as the rows of a database come and go.
 *
 * Input: JSON values that are done one after another. An array is a transaction on
 * fuzz_db_referring(); an object opens a monitor with it as <monitor-requests>, or, with
 * a member "change", gives that monitor new conditions; an integer has that monitor tell
 * what is due. Laws: what is told fits what was told before (copy.c) and is never
 * nothing; a copy is, each time, what of the database its monitor asked for; nothing is
 * due where nothing changed. */
#include "copy.h"
#include "fuzz.h"

#include "lib/buffer.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/wire/jsonrpc.h"
#include "ovsdb-lite/monitor/monitor.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WATCHERS = 6 };

struct watcher {
	enum monitor_method method;
	struct monitor *monitor;
	struct json_object *id;
	/* As it was opened, and, of each table whose conditions have changed, what with.
	 */
	struct json_object *requests, *changes;
	bool is_checked; /* it has no "select": then the copy must be complete */
	struct copy copy;
};

struct world {
	struct db *db;
	struct monitor_set *set;
	struct watcher watchers[MAX_WATCHERS];
	size_t n_watchers;
};

static struct json_object *parse(const struct buffer *b)
{
	struct json_object *json;

	fuzz_must(json_parse(b->data, b->n, &json));
	return json;
}

/* The requests of a table, one or an array of them: number 'i', NULL beyond the last. */
static const struct json_object *request_at(const struct json_object *requests, size_t i)
{
	if (json_kind(requests) != JSON_ARRAY)
		return i ? NULL : requests;
	return i < json_get_length(requests) ? json_at(requests, i) : NULL;
}

static bool clauses_want(const struct json_object *where, const struct row *r)
{
	struct condition *c;
	bool wants;

	fuzz_must(condition_from_json(table_schema(row_table(r)), where, NULL, &c));
	wants = condition_matches_any(c, r, NULL, NULL);
	condition_free(c);
	return wants;
}

/* A row that one of the requests wants; without a condition that is every row. */
static bool wants_row(const struct watcher *w, const struct row *r)
{
	const char *table = table_schema(row_table(r))->name;
	const struct json_object *changed = json_member(w->changes, table);
	const struct json_object *requests =
		changed ? changed : json_member(w->requests, table);
	const struct json_object *request = request_at(requests, 0);

	for (size_t i = 0; request; request = request_at(requests, ++i)) {
		const struct json_object *where = json_member(request, "where");

		if (!where || clauses_want(where, r))
			return true;
	}
	return false;
}

static struct json_object *column_value(const struct row *r, const char *name)
{
	const struct table_schema *ts = table_schema(row_table(r));
	union atom uuid;

	if (*name != '_') {
		const struct column_schema *c = table_schema_find(ts, name);

		return datum_to_json(row_get(r, c), &c->type);
	}
	uuid.uuid = strcmp(name, "_uuid") ? *row_version(r) : *row_uuid(r);
	return datum_atom_to_json(&uuid, ATOM_UUID);
}

/* Puts what 'request' asks of a row's columns. */
static void put_columns(struct json_object *o, const struct row *r,
			const struct json_object *request)
{
	const struct json_object *names = json_member(request, "columns");
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; names && i < json_get_length(names); i++) {
		const char *name = json_get_string(json_at(names, i));

		json_put(o, name, column_value(r, name));
	}
	for (size_t i = 0; !names && i < ts->n_columns; i++)
		json_put(o, ts->columns[i].name, column_value(r, ts->columns[i].name));
	if (!names)
		json_put(o, "_version", column_value(r, "_version"));
}

static struct json_object *wanted_columns(const struct watcher *w, const struct row *r)
{
	const struct json_object *requests =
		json_member(w->requests, table_schema(row_table(r))->name);
	const struct json_object *request = request_at(requests, 0);
	struct json_object *o = json_object();

	for (size_t i = 0; request; request = request_at(requests, ++i))
		put_columns(o, r, request);
	return o;
}

static void check_row(const struct watcher *w, const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const struct json_object *have = copy_find(&w->copy, ts, row_uuid(r));
	struct json_object *want = wanted_columns(w, r);

	LAW(have);
	if (w->copy.is_plain)
		LAW(json_get_length(have) == json_get_length(want));
	for (struct json_iter i = json_iter_begin(want); json_iter_next(&i);) {
		const struct json_object *value = json_member(have, i.name);

		LAW(value && json_equals(value, i.value));
	}
	json_free(want);
}

/* The copy has what the monitor was asked for, and no more rows. */
static void check_copy(const struct world *world, const struct watcher *w)
{
	size_t n = 0;

	if (!w->is_checked)
		return;
	for (unsigned int i = 0; i < db_schema(world->db)->n_tables; i++) {
		const struct table *t = db_table_at(world->db, i);

		const struct json_object *requests =
			json_member(w->requests, table_schema(t)->name);

		/* No request for it, or an empty array of them. */
		if (!requests || !request_at(requests, 0))
			continue;
		TABLE_FOR_EACH (r, t) {
			if (!wants_row(w, r))
				continue;
			n++;
			check_row(w, r);
		}
	}
	LAW(w->copy.n_rows == n);
}

/* [found, last transaction, updates] of monitor_cond_since. Nothing is known of zeros. */
static const struct json_object *updates_of_reply(const struct watcher *w,
						  const struct json_object *reply)
{
	if (w->method != MONITOR_COND_SINCE)
		return reply;
	LAW(json_get_length(reply) == 3 && !json_get_boolean(json_at(reply, 0)));
	LAW(json_kind(json_at(reply, 1)) == JSON_STRING);
	return json_at(reply, 2);
}

static void tell(const struct world *world, struct watcher *w)
{
	static const char *const methods[] = {
		[MONITOR_PLAIN] = "update",
		[MONITOR_COND] = "update2",
		[MONITOR_COND_SINCE] = "update3",
	};
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct jsonrpc_message m;

	if (monitor_write_update(w->monitor, &b)) {
		fuzz_must(jsonrpc_from_json(parse(&b), &m));
		LAW(m.kind == JSONRPC_NOTIFICATION &&
		    !strcmp(m.method, methods[w->method]));
		LAW(json_equals(json_at(m.params, 0), w->id));
		LAW(json_get_length(json_at(m.params, json_get_length(m.params) - 1)));
		if (w->is_checked)
			copy_apply(&w->copy,
				   json_at(m.params, json_get_length(m.params) - 1),
				   false);
		jsonrpc_message_clear(&m);
	}
	LAW(!monitor_is_behind(w->monitor));
	check_copy(world, w);
}

static bool has_select(const struct json_object *requests)
{
	bool has = false;

	for (struct json_iter i = json_iter_begin(requests); json_iter_next(&i);) {
		const struct json_object *request = request_at(i.value, 0);

		for (size_t k = 0; request; request = request_at(i.value, ++k))
			has = has || json_member(request, "select");
	}
	return has;
}

static void open_watcher(struct world *world, const struct json_object *requests)
{
	static const struct uuid unknown;
	struct watcher *w = &world->watchers[world->n_watchers];
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct json_object *reply;

	if (world->n_watchers == MAX_WATCHERS)
		return;
	w->method = (enum monitor_method)(world->n_watchers % 3);
	w->id = json_integer((int64_t)world->n_watchers);
	if (!fuzz_ok(monitor_new(world->set, w->method, w->id, requests,
				 w->method == MONITOR_COND_SINCE ? &unknown : NULL,
				 &w->monitor))) {
		json_free(w->id);
		return;
	}
	w->requests = json_clone(requests);
	w->changes = json_object();
	w->is_checked = !has_select(requests);
	w->copy = (struct copy){.schema = db_schema(world->db),
				.is_plain = w->method == MONITOR_PLAIN};
	world->n_watchers++;
	monitor_write_initial(w->monitor, &b);
	reply = parse(&b);
	if (w->is_checked)
		copy_apply(&w->copy, updates_of_reply(w, reply), true);
	json_free(reply);
	check_copy(world, w);
}

static void close_watcher(struct watcher *w)
{
	monitor_free(w->monitor);
	json_free(w->id);
	json_free(w->requests);
	json_free(w->changes);
	copy_clear(&w->copy);
}

static struct watcher *watcher_of(struct world *world, const struct json_object *number)
{
	int64_t i = json_kind(number) == JSON_INTEGER ? json_get_integer(number) : -1;

	return i >= 0 && i < (int64_t)world->n_watchers ? &world->watchers[i] : NULL;
}

/* {"change": WATCHER, "to": <monitor-cond-update-requests>} */
static void change(const struct world *world, struct watcher *w,
		   const struct json_object *to)
{
	tell(world, w);
	if (!fuzz_ok(monitor_change(w->monitor, w->id, to, SIZE_MAX)))
		return;
	for (struct json_iter i = json_iter_begin(to); json_iter_next(&i);) {
		/* An empty array changes nothing. */
		if (json_kind(i.value) != JSON_ARRAY || json_get_length(i.value))
			json_put(w->changes, i.name, json_clone(i.value));
	}
	tell(world, w);
}

static void step(struct world *world, const struct json_object *json)
{
	const struct json_object *number =
		json_kind(json) == JSON_OBJECT ? json_member(json, "change") : NULL;
	struct watcher *w = watcher_of(world, number ? number : json);

	if (w && !number)
		tell(world, w);
	else if (w && json_member(json, "to"))
		change(world, w, json_member(json, "to"));
	else if (json_kind(json) == JSON_OBJECT)
		open_watcher(world, json);
	else if (json_kind(json) == JSON_ARRAY)
		json_free(fuzz_transact(world->db, json_clone(json)));
}

static void note(void *aux, const struct txn *txn)
{
	monitor_set_note(aux, txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct world world = {.db = fuzz_db_referring()};
	struct db_observer *observer;
	struct json_object *json;

	world.set = monitor_set_new(world.db);
	observer = db_observe(world.db, note, world.set);
	while ((json = fuzz_next(&in))) {
		step(&world, json);
		json_free(json);
	}
	for (size_t i = 0; i < world.n_watchers; i++)
		tell(&world, &world.watchers[i]);
	while (world.n_watchers)
		close_watcher(&world.watchers[--world.n_watchers]);
	db_unobserve(observer);
	monitor_set_free(world.set);
	db_close(world.db);
	return 0;
}
