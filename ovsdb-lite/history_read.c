/* The list of a database's transactions, and what each of them changed. Beside it:
 * history_view.c, which knows how rows were; history_undo.c, which takes changes back. */
#include "ovsdb-lite/history_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"

#include <stdlib.h>
#include <string.h>

/* --- what an entry changed --- */

/* The columns of a row as they are in the view: what the entry left. */
static struct json_object *row_json(const struct history_view *v, const struct table *t,
				    const struct uuid *uuid)
{
	struct json_object *row = json_object();

	for (size_t i = 0; i < t->schema->n_columns; i++) {
		const struct column_schema *c = &t->schema->columns[i];
		const struct datum *d = history_view_get(v, t, uuid, c);

		if (!history_part_has(HISTORY_FILE, t, c) || !d ||
		    datum_is_default(d, &c->type))
			continue;
		json_put(row, c->name, datum_to_json(d, &c->type));
	}
	return row;
}

static struct json_object *modified_json(const struct history_view *v,
					 const struct table *t, const struct uuid *uuid,
					 const struct json_object *old)
{
	struct json_object *columns = json_object();

	for (struct json_iter i = json_iter_begin(old); json_iter_next(&i);) {
		const struct column_schema *c = table_schema_find(t->schema, i.name);
		const struct datum *d = c ? history_view_get(v, t, uuid, c) : NULL;

		if (d)
			json_put(columns, i.name,
				 json_pair(json_clone(i.value),
					   datum_to_json(d, &c->type)));
	}
	return columns;
}

/* Whether the image is one, history_view_fold() says after it. */
static struct json_object *change_json(const struct history_view *v,
				       const struct table *t, const char *uuid_text,
				       const struct json_object *image)
{
	struct json_object *change = json_object();
	const struct json_object *columns;
	struct uuid uuid = {0};

	uuid_parse(uuid_text, &uuid);
	if (json_kind(image) != JSON_OBJECT) {
		json_put(change, "insert", row_json(v, t, &uuid));
		return change;
	}
	columns = json_member(image, "changed");
	if (json_kind(columns) == JSON_OBJECT)
		json_put(change, "modify", modified_json(v, t, &uuid, columns));
	else
		json_put(change, "delete", json_clone(json_member(image, "deleted")));
	return change;
}

/* 'v' is the state that the entry left. */
static struct json_object *changes_json(const struct history_view *v,
					const struct json_object *inverse)
{
	struct json_object *changes = json_object();

	for (struct json_iter i = json_iter_begin(inverse); json_iter_next(&i);) {
		const struct table_schema *ts = schema_find_table(v->db->schema, i.name);
		struct json_object *rows = json_object();

		json_put(changes, i.name, rows);
		if (!ts || json_kind(i.value) != JSON_OBJECT)
			continue;
		for (struct json_iter j = json_iter_begin(i.value); json_iter_next(&j);)
			json_put(rows, j.name,
				 change_json(v, &v->db->tables[ts->index], j.name,
					     j.value));
	}
	return changes;
}

/* --- the list --- */

struct list {
	struct history_entry *entries;
	size_t n, cap;
};

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static struct history_entry *list_add(struct list *l, const struct store_history_entry *e)
{
	struct history_entry *new;

	l->entries = xgrow(l->entries, l->n, &l->cap, sizeof(*l->entries));
	new = &l->entries[l->n++];
	*new = (struct history_entry){
		.serial = e->serial,
		.id = e->id,
		.time_ms = e->time_ms,
		.uid = e->uid,
		.pid = e->pid,
		.command = copy(e->command),
		.subject = copy(e->subject),
		.comment = copy(e->comment),
		.n_rows = e->n_rows,
	};
	return new;
}

/* Notes what the entry changed, in 'noted' unless that is NULL, and folds it into 'v'. */
static struct err *take_changes(struct history_view *v,
				const struct store_history_entry *entry,
				struct history_entry *noted)
{
	struct json_object *inverse;
	struct err *e = history_parse(v->db, entry->inverse, entry->n_inverse, &inverse);

	if (e)
		return e;
	if (noted && json_kind(inverse) == JSON_OBJECT)
		noted->changes = changes_json(v, inverse);
	e = history_view_fold(v, HISTORY_FILE, inverse);
	json_free(inverse);
	return e;
}

/* From the newest on, for what an entry changed is known only in the light of those that
 * came after it. */
static struct err *read_list(struct history_view *v, int64_t before_serial, size_t max,
			     bool with_changes, struct list *l)
{
	CLEANUP(store_history_closep) struct store_history_cursor *c = NULL;
	struct store_history_entry entry;
	bool found = true, is_undoable = true;
	struct err *e = store_history_open(v->db->store, INT64_MAX, with_changes, &c);

	while (!e && l->n < max) {
		bool is_wanted;

		e = store_history_next(c, &found, &entry);
		if (e || !found)
			break;
		is_undoable &= entry.has_inverse;
		is_wanted = !before_serial || entry.serial < before_serial;
		if (is_wanted)
			list_add(l, &entry)->is_undoable = is_undoable;
		if (with_changes && is_undoable)
			e = take_changes(v, &entry,
					 is_wanted ? &l->entries[l->n - 1] : NULL);
	}
	return e;
}

struct err *history_read(const struct db *db, int64_t before_serial, size_t max,
			 bool with_changes, struct history_entry **ret_entries,
			 size_t *ret_n)
{
	struct list l = {0};
	struct history_view *v;
	struct err *e = NULL;

	if (db->history && db->history->sum.last_serial) {
		v = history_view_new(db);
		e = read_list(v, before_serial, max, with_changes, &l);
		history_view_free(v);
	}
	if (e) {
		history_entries_free(l.entries, l.n);
		return e;
	}
	*ret_entries = l.entries;
	*ret_n = l.n;
	return NULL;
}

void history_entries_free(struct history_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(entries[i].command);
		free(entries[i].subject);
		free(entries[i].comment);
		json_free(entries[i].changes);
	}
	free(entries);
}

static void put_text(struct json_object *json, const char *name, const char *text)
{
	if (text)
		json_put(json, name, json_string(text));
}

struct json_object *history_entry_to_json(const struct history_entry *e)
{
	struct json_object *json = json_object();
	char id[UUID_TEXT_BYTES];

	json_put(json, "serial", json_integer(e->serial));
	json_put(json, "id", json_string(uuid_format(&e->id, id)));
	json_put(json, "time", json_integer(e->time_ms));
	if (e->uid >= 0)
		json_put(json, "uid", json_integer(e->uid));
	if (e->pid >= 0)
		json_put(json, "pid", json_integer(e->pid));
	put_text(json, "command", e->command);
	put_text(json, "subject", e->subject);
	put_text(json, "comment", e->comment);
	json_put(json, "rows", json_integer((int64_t)e->n_rows));
	json_put(json, "undoable", json_boolean(e->is_undoable));
	if (e->changes)
		json_put(json, "changes", json_clone(e->changes));
	return json;
}
