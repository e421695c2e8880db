/* A database with a file: what a restart finds, what the history knows, what undoing
 * does.
 *
 * Input: JSON values that are done one after another. An array is a transaction on the
 * tables of fuzz_referring; null closes the database and opens it again; true has the
 * monitor tell what is due, false has its client go and come back; a number undoes the
 * last entry of the history. Laws: the database stays whole; a restart loses nothing but
 * ephemeral columns; every state whose id the history still knows is told as it was, to
 * the last column; the last entry undone gives what was before it; a client that monitors
 * and comes back has everything, of ids that are known without being told all of it. */
#include "copy.h"
#include "fuzz.h"
#include "then.h"

#include "lib/buffer.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/wire/jsonrpc.h"
#include "ovsdb-lite/monitor/monitor.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_STATES = 64 };

/* The database as it was under an id. */
struct state {
	struct uuid id;
	char *whole, *persistent; /* its rows, with and without ephemeral columns */
};

struct world {
	struct schema *schema;
	struct db *db;
	struct db_observer *observer;
	struct monitor_set *set;
	struct monitor *monitor;
	struct copy copy;
	struct uuid last_id; /* that the client knows */
	struct state states[MAX_STATES];
	size_t n_states;
	/* What was before each entry of the history that can be undone. */
	char *before[MAX_STATES];
	size_t n_before;
};

static const struct txn_origin nobody = {.uid = -1, .pid = -1};

/* One more in a list of at most MAX_STATES, the oldest of which goes. Takes 'text'. */
static void push(char **list, size_t *n, char *text)
{
	if (*n == MAX_STATES) {
		free(list[0]);
		memmove(list, list + 1, --*n * sizeof(*list));
	}
	list[(*n)++] = text;
}

static void state_clear(struct state *s)
{
	free(s->whole);
	free(s->persistent);
}

/* An id stands for one state. */
static void remember_state(struct world *w)
{
	struct state now = {*history_last_id(w->db), dump_then(w->db, NULL, true),
			    dump_then(w->db, NULL, false)};
	struct state *last = w->n_states ? &w->states[w->n_states - 1] : NULL;

	if (last && uuid_equals(&last->id, &now.id)) {
		LAW(!strcmp(last->whole, now.whole));
		state_clear(&now);
		return;
	}
	if (w->n_states == MAX_STATES) {
		state_clear(&w->states[0]);
		memmove(w->states, w->states + 1, --w->n_states * sizeof(now));
	}
	w->states[w->n_states++] = now;
}

static void check_state(const struct world *w, const struct state *s)
{
	struct history_view *view;
	enum history_reach reach;
	char *text;

	fuzz_must(history_view_since(w->db, &s->id, &reach, &view));
	if (reach == HISTORY_UNKNOWN) {
		LAW(!view);
		return;
	}
	text = dump_then(w->db, view, reach == HISTORY_WHOLE);
	LAW(!strcmp(text, reach == HISTORY_WHOLE ? s->whole : s->persistent));
	free(text);
	history_view_free(view);
}

static void check_states(const struct world *w)
{
	for (size_t i = 0; i < w->n_states; i++)
		check_state(w, &w->states[i]);
}

static bool row_is_copied(const struct copy *copy, const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const struct json_object *have = copy_find(copy, ts, row_uuid(r));
	bool is_same = have;

	for (size_t i = 0; is_same && i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		struct json_object *want = datum_to_json(row_get(r, c), &c->type);

		is_same = json_equals(json_member(have, c->name), want);
		json_free(want);
	}
	return is_same;
}

static void check_copy(const struct world *w)
{
	size_t n = 0;

	for (unsigned int i = 0; i < db_schema(w->db)->n_tables; i++) {
		TABLE_FOR_EACH (r, db_table_at(w->db, i)) {
			LAW(row_is_copied(&w->copy, r));
			n++;
		}
	}
	LAW(w->copy.n_rows == n);
}

static void take_last_id(struct world *w, const struct json_object *json)
{
	LAW(uuid_parse(json_get_string(json), &w->last_id));
}

static void tell(struct world *w)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct json_object *json;
	struct jsonrpc_message m;

	if (monitor_write_update(w->monitor, &b)) {
		fuzz_must(json_parse(b.data, b.n, &json));
		fuzz_must(jsonrpc_from_json(json, &m));
		take_last_id(w, json_at(m.params, 1));
		copy_apply(&w->copy, json_at(m.params, 2), false);
		jsonrpc_message_clear(&m);
	}
	check_copy(w);
}

static void note(void *aux, const struct txn *txn)
{
	monitor_set_note(aux, txn);
}

/* The client comes, or comes back. It is spared the whole where the history knows its id.
 */
static void client_connect(struct world *w)
{
	struct json_object *requests =
		fuzz_json("{'Root': [{}], 'Leaf': [{}], 'Needy': [{}], 'R': [{}]}");
	struct json_object *id = json_null(), *reply;
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct history_view *view = NULL;
	enum history_reach reach;
	bool is_found;

	fuzz_must(history_view_since(w->db, &w->last_id, &reach, &view));
	history_view_free(view);
	w->set = monitor_set_new(w->db);
	w->observer = db_observe(w->db, note, w->set);
	fuzz_must(monitor_new(w->set, MONITOR_COND_SINCE, id, requests, &w->last_id,
			      &w->monitor));
	monitor_write_initial(w->monitor, &b);
	fuzz_must(json_parse(b.data, b.n, &reply));
	is_found = json_get_boolean(json_at(reply, 0));
	LAW(is_found == (reach != HISTORY_UNKNOWN));
	take_last_id(w, json_at(reply, 1));
	LAW(uuid_equals(&w->last_id, history_last_id(w->db)));
	if (!is_found)
		copy_clear(&w->copy);
	w->copy.is_resumed = is_found;
	copy_apply(&w->copy, json_at(reply, 2), !is_found);
	w->copy.is_resumed = false;
	check_copy(w);
	json_free(reply);
	json_free(requests);
	json_free(id);
}

static void client_go(struct world *w)
{
	monitor_free(w->monitor);
	db_unobserve(w->observer);
	monitor_set_free(w->set);
}

static void open_db(struct world *w)
{
	CLEANUP(freep) char *path = xasprintf("%s/db", fuzz_folder());

	fuzz_must(db_open(path, w->schema, &w->db));
}

static void check_ephemeral(const struct table *t)
{
	const struct table_schema *ts = table_schema(t);

	TABLE_FOR_EACH (r, t) {
		for (size_t i = 0; i < ts->n_columns; i++)
			LAW(!ts->columns[i].ephemeral ||
			    datum_is_default(row_get(r, &ts->columns[i]),
					     &ts->columns[i].type));
	}
}

static void reopen(struct world *w)
{
	CLEANUP(freep) char *before = dump_then(w->db, NULL, false), *after = NULL;

	client_go(w);
	db_close(w->db);
	open_db(w);
	after = dump_then(w->db, NULL, false);
	LAW(!strcmp(before, after));
	for (unsigned int i = 0; i < w->schema->n_tables; i++)
		check_ephemeral(db_table_at(w->db, i));
	client_connect(w);
	remember_state(w);
	check_states(w);
}

/* 'before': the persistent columns; taken. */
static void note_change(struct world *w, char *before)
{
	char *after = dump_then(w->db, NULL, false);

	if (strcmp(before, after))
		push(w->before, &w->n_before, before);
	else
		free(before);
	free(after);
	remember_state(w);
	fuzz_check_db(w->db);
}

static void transact(struct world *w, const struct json_object *operations)
{
	char *before = dump_then(w->db, NULL, false);

	json_free(fuzz_transact(w->db, json_clone(operations)));
	note_change(w, before);
}

/* The last entry; what it has left is what is there now, so it can be undone. */
static void undo(struct world *w)
{
	char *before = dump_then(w->db, NULL, false), *after;
	struct history_entry *entries;
	struct txn *t;
	size_t n;

	fuzz_must(history_read(w->db, 0, 1, false, &entries, &n));
	if (n && entries[0].is_undoable) {
		LAW(w->n_before);
		t = txn_new(w->db, &nobody);
		fuzz_must(history_undo(t, entries[0].serial, NULL, 0));
		fuzz_must(db_commit(t));
		txn_free(t);
		after = dump_then(w->db, NULL, false);
		LAW(!strcmp(after, w->before[w->n_before - 1]));
		free(after);
	}
	history_entries_free(entries, n);
	note_change(w, before);
}

static void step(struct world *w, const struct json_object *json)
{
	switch (json_kind(json)) {
	case JSON_ARRAY:
		transact(w, json);
		break;
	case JSON_NULL:
		reopen(w);
		break;
	case JSON_BOOLEAN:
		if (json_get_boolean(json)) {
			tell(w);
		} else {
			client_go(w);
			client_connect(w);
		}
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		undo(w);
		break;
	case JSON_STRING:
	case JSON_OBJECT:
		break;
	}
}

static void clear(struct world *w)
{
	client_go(w);
	db_close(w->db);
	copy_clear(&w->copy);
	schema_free(w->schema);
	while (w->n_states)
		state_clear(&w->states[--w->n_states]);
	while (w->n_before)
		free(w->before[--w->n_before]);
	fuzz_empty_folder();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct world w = {.schema = fuzz_schema(fuzz_referring)};
	struct json_object *json;

	fuzz_restart_uuids();
	w.copy.schema = w.schema;
	open_db(&w);
	push(w.before, &w.n_before, dump_then(w.db, NULL, false));
	fuzz_insert_referring(w.db);
	client_connect(&w);
	remember_state(&w);
	while ((json = fuzz_next(&in))) {
		step(&w, json);
		json_free(json);
	}
	check_states(&w);
	tell(&w);
	clear(&w);
	return 0;
}
