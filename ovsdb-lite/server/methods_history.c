/* get_history and undo (docs/methods.md): a database's past over the wire. Beside it:
 * methods.c, which has the table; history.c and its like, which know the past. */
#include "ovsdb-lite/server/methods.h"

#include "lib/alloc.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/wire/error_object.h"

#include <stdlib.h>
#include <utlist.h>

#define DEFAULT_ENTRIES 100
#define MAX_ENTRIES     1000
/* Of a reply, about; and of what one of its entries changed. */
#define PAGE_BYTES        ((size_t)1 << 20)
#define MAX_CHANGES_BYTES ((size_t)4 << 20)
/* A client that reads on soon need not wait for what it has got to be looked at again. */
#define KEEP_READER_MS 1000

/* The last of the params may be left out: an object of options. */
static struct err *want_params(const struct jsonrpc_message *m, size_t n)
{
	size_t n_given = json_get_length(m->params);

	return n_given == n || n_given == n + 1
		       ? NULL
		       : method_want_params(m, n, "a database's name and what is wanted");
}

static const struct json_object *options_of(const struct jsonrpc_message *m, size_t n)
{
	return json_get_length(m->params) > n ? json_at(m->params, n) : NULL;
}

/* As before the reply to a `transact`: what the reply speaks of, the client's tables
 * know.
 */
static void tell_monitors(struct session *s)
{
	struct watch *sm;

	DL_FOREACH (s->monitors, sm)
		session_tell(s, sm->monitor);
}

/* --- get_history --- */

struct wanted {
	int64_t before, max;
	bool changes;
};

static struct err *read_wanted(const struct json_object *json, struct wanted *w)
{
	struct json_fields f;
	const struct json_object *before, *max, *changes;
	struct err *e;

	*w = (struct wanted){.max = DEFAULT_ENTRIES};
	if (!json)
		return NULL;
	f = json_fields_begin(json, "get_history options");
	before = json_fields_take_optional(&f, "before", JSON_MASK(JSON_INTEGER));
	max = json_fields_take_optional(&f, "max", JSON_MASK(JSON_INTEGER));
	changes = json_fields_take_optional(&f, "changes", JSON_MASK(JSON_BOOLEAN));
	e = json_fields_end(&f);
	if (e)
		return e;
	if (before)
		w->before = json_get_integer(before);
	if (max)
		w->max = json_get_integer(max);
	if (changes)
		w->changes = json_get_boolean(changes);
	if (w->before < 0 || w->max < 1)
		return json_syntax_error(
			json, "before must not be negative, and max at least 1");
	if (w->max > MAX_ENTRIES)
		w->max = MAX_ENTRIES;
	return NULL;
}

/* What the daemon itself did has its name as the command, and stays. */
static void hide_process(struct history_entry *e)
{
	if (e->uid < 0 && e->pid < 0)
		return;
	e->uid = e->pid = -1;
	free(STEAL(e->command));
}

struct history_request {
	struct hosted_db *db;
	struct wanted wanted;
	struct json_object *id;
};

struct session_history {
	struct history_reader *reader;
	struct session *reader_of; /* whose last page it was; NULL without a reader */
	struct loop_timer *forget;
};

void session_history_forget(struct session_history *h)
{
	history_reader_free(STEAL(h->reader));
	h->reader_of = NULL;
	loop_timer_clear(h->forget);
}

static void on_forget(void *aux)
{
	session_history_forget(aux);
}

struct session_history *session_history_new(struct hosted_db *d)
{
	struct session_history *h = xcalloc(1, sizeof(*h));

	h->forget = loop_timer_new(d->server->loop, on_forget, h);
	return h;
}

void session_history_free(struct session_history *h)
{
	session_history_forget(h);
	loop_timer_free(h->forget);
	free(h);
}

void session_history_note(struct session_history *h, const struct txn *txn)
{
	if (h->reader)
		history_reader_note(h->reader, txn);
}

/* False while another client has the reader; strangers give it to the privileged, and
 * begin anew. */
static bool take_reader(struct session *s, struct session_history *h)
{
	const struct wanted *w = &s->reading->wanted;
	const struct history_page page = {.before_serial = w->before,
					  .max_entries = (size_t)w->max,
					  .max_bytes = PAGE_BYTES,
					  .max_changes_bytes = MAX_CHANGES_BYTES};

	if (h->reader_of == s && loop_timer_is_set(h->forget)) {
		loop_timer_clear(h->forget);
		if (history_reader_begin_page(h->reader, &page, w->changes))
			return true;
	} else if (h->reader_of == s) {
		return true;
	} else if (h->reader_of && !loop_timer_is_set(h->forget) &&
		   (!s->share.parent->is_privileged ||
		    h->reader_of->share.parent->is_privileged)) {
		return false;
	}
	session_history_forget(h);
	h->reader = history_reader_new(s->reading->db->db, w->changes);
	h->reader_of = s;
	return history_reader_begin_page(h->reader, &page, w->changes);
}

static struct json_object *take_entries(struct session *s, struct history_reader *r)
{
	struct json_object *result = json_array();
	struct history_entry *entries;
	size_t n;

	history_reader_take(r, &entries, &n);
	for (size_t i = 0; i < n; i++) {
		if (!session_sees_processes(s))
			hide_process(&entries[i]);
		json_add(result, history_entry_to_json(&entries[i]));
	}
	history_entries_free(entries, n);
	return result;
}

void session_read_history(struct session *s)
{
	struct session_history *h = s->reading->db->history;
	int64_t end_ms = loop_now_ms() + ITERATION_MS;
	struct json_object *id;
	bool done = false;
	struct err *e;

	if (!take_reader(s, h))
		return;
	e = history_reader_go_on(h->reader, end_ms, &done);
	/* To write a long reply is another turn's work. */
	if (!e && (!done || loop_now_ms() >= end_ms))
		return;
	id = STEAL(s->reading->id);
	free(STEAL(s->reading));
	if (e) {
		session_reply_error(s, error_object_new(e), id);
		session_history_forget(h);
		err_free(e);
	} else {
		session_reply(s, take_entries(s, h->reader), id);
		loop_timer_set(h->forget, KEEP_READER_MS);
	}
	session_tell_all_if_able(s);
}

void session_stop_reading(struct session *s)
{
	for (struct hosted_db *d = s->server->dbs; d; d = d->hh.next)
		if (d->history->reader_of == s)
			session_history_forget(d->history);
	if (s->reading)
		json_free(s->reading->id);
	free(STEAL(s->reading));
}

/* The client is told nothing until it has its reply, which may take more than a turn. */
struct err *method_get_history(struct session *s, const struct jsonrpc_message *m,
			       struct json_object **ret_result)
{
	struct hosted_db *db;
	struct wanted w;
	struct err *e = method_find_db(s, m, &db);

	(void)ret_result;
	if (!e)
		e = want_params(m, 1);
	if (!e)
		e = read_wanted(options_of(m, 1), &w);
	if (e)
		return e;
	tell_monitors(s);
	s->reading = xcalloc(1, sizeof(*s->reading));
	*s->reading =
		(struct history_request){.db = db, .wanted = w, .id = json_clone(m->id)};
	session_read_history(s);
	session_resume(s);
	return NULL;
}

/* --- undo --- */

struct undoing {
	int64_t serial;
	char *comment;                 /* owned */
	struct history_except *except; /* owned; its strings are the request's */
	size_t n_except, except_cap;
};

static struct err *add_excepted(struct undoing *u, const char *table,
				const struct json_object *columns)
{
	if (json_kind(columns) != JSON_ARRAY)
		return json_syntax_error(columns, "expected an array of columns");
	for (size_t i = 0; i < json_get_length(columns); i++) {
		if (json_kind(json_at(columns, i)) != JSON_STRING)
			return json_syntax_error(columns, "expected an array of columns");
		u->except =
			xgrow(u->except, u->n_except, &u->except_cap, sizeof(*u->except));
		u->except[u->n_except++] = (struct history_except){
			.table = table, .column = json_get_string(json_at(columns, i))};
	}
	return NULL;
}

static struct err *read_undoing(const struct jsonrpc_message *m, struct undoing *u)
{
	const struct json_object *options = options_of(m, 2), *comment, *except;
	struct json_fields f;
	struct err *e;

	if (json_kind(json_at(m->params, 1)) != JSON_INTEGER)
		return method_at_params(err_new(ERR_SYNTAX,
						"%s takes the serial of a transaction",
						m->method),
					m);
	u->serial = json_get_integer(json_at(m->params, 1));
	if (!options)
		return NULL;
	f = json_fields_begin(options, "undo options");
	comment = json_fields_take_optional(&f, "comment", JSON_MASK(JSON_STRING));
	except = json_fields_take_optional(&f, "except", JSON_MASK(JSON_OBJECT));
	e = json_fields_end(&f);
	if (!e && comment)
		u->comment = xstrdup(json_get_string(comment));
	if (e || !except)
		return e;
	for (struct json_iter i = json_iter_begin(except); !e && json_iter_next(&i);)
		e = add_excepted(u, i.name, i.value);
	return e;
}

static struct err *commit_undo(struct session *s, struct db *db, const struct undoing *u)
{
	struct txn *t = txn_new(db, &s->origin);
	CLEANUP(freep)
	char *comment = u->comment ? xstrdup(u->comment)
				   : xasprintf("undo %lld", (long long)u->serial);
	struct err *e = history_undo(t, u->serial, u->except, u->n_except);

	txn_add_comment(t, comment);
	if (!e)
		e = db_commit(t);
	txn_free(t);
	return e;
}

/* The reply goes out after a sync. */
struct err *method_undo(struct session *s, const struct jsonrpc_message *m,
			struct json_object **ret_result)
{
	struct undoing u = {0};
	struct hosted_db *db;
	struct err *e = method_find_db(s, m, &db);

	(void)ret_result;
	if (!e)
		e = want_params(m, 2);
	if (!e)
		e = read_undoing(m, &u);
	session_find_command(s);
	if (!e)
		e = commit_undo(s, db->db, &u);
	free(u.comment);
	free(u.except);
	if (e)
		return e;
	tell_monitors(s);
	session_reply_durable(s, json_object(), json_clone(m->id), db);
	return NULL;
}
