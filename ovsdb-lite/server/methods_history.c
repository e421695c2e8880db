/* get_history and undo (docs/methods.md): a database's past over the wire. */
#include "ovsdb-lite/server/methods_history.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/server/hosted_db.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/server/session_peer.h"

#include <stdlib.h>

#define DEFAULT_ENTRIES 100
#define MAX_ENTRIES     1000

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

/* --- get_history --- */

static struct err *read_page(const struct json_object *json,
			     struct session_history_page *w)
{
	struct json_fields f;
	const struct json_object *before, *max, *changes;
	struct err *e;

	*w = (struct session_history_page){.max = DEFAULT_ENTRIES};
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

struct err *methods_get_history(struct session *s, const struct jsonrpc_message *m,
				struct json_object **ret_result)
{
	struct hosted_db *db;
	struct session_history_page page;
	struct err *e = method_find_db(s, m, &db);

	(void)ret_result;
	if (!e)
		e = want_params(m, 1);
	if (!e)
		e = read_page(options_of(m, 1), &page);
	if (e)
		return e;
	/* As before the reply to a `transact`: the client's tables have what the reply
	 * names. */
	watch_send_all(s);
	if (!s->is_aborted)
		session_history_start(s, db->history, &page, m->id);
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
struct err *methods_undo(struct session *s, const struct jsonrpc_message *m,
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
	session_peer_find_command(s);
	if (!e)
		e = commit_undo(s, db->db, &u);
	free(u.comment);
	free(u.except);
	if (e)
		return e;
	watch_send_all(s);
	session_reply_durable(s, json_object(), json_clone(m->id), db->commits);
	return NULL;
}
