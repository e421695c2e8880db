/* The list of a database's transactions with their changes. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "ovsdb-lite/json/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- the changes of an entry --- */

/* The conversion of an entry's changes to JSON, with their length, about. */
struct conversion {
	const struct history_view *view; /* the state that the entry left */
	size_t n_bytes, max_bytes;
};

/* Of a number or a UUID, and around a string. */
#define ATOM_BYTES 8

static void count_atoms(struct conversion *t, const union atom *atoms, size_t n,
			enum atom_type type)
{
	t->n_bytes += n * ATOM_BYTES;
	for (size_t i = 0; type == ATOM_STRING && i < n; i++)
		t->n_bytes += strlen(atoms[i].string);
}

static struct json_object *value_json(struct conversion *t, const struct datum *d,
				      const struct column_type *type)
{
	count_atoms(t, datum_keys(d), d->n, type->key.type);
	if (type->is_map)
		count_atoms(t, datum_values(d), d->n, type->value.type);
	return datum_to_json(d, type);
}

/* The columns of a row after the entry: as in the view. */
static struct json_object *row_json(struct conversion *conv, const struct table *t,
				    const struct uuid *uuid)
{
	struct json_object *row = json_object();

	for (size_t i = 0; i < t->schema->n_columns; i++) {
		const struct column_schema *c = &t->schema->columns[i];
		const struct datum *d = history_view_get(conv->view, t, uuid, c);

		if (!history_part_has(HISTORY_FILE, t, c) || !d ||
		    datum_is_default(d, &c->type))
			continue;
		conv->n_bytes += strlen(c->name);
		json_put(row, c->name, value_json(conv, d, &c->type));
	}
	return row;
}

static struct json_object *modified_json(struct conversion *conv, const struct table *t,
					 const struct uuid *uuid,
					 const struct json_object *old)
{
	struct json_object *columns = json_object();

	for (struct json_iter i = json_iter_begin(old); json_iter_next(&i);) {
		const struct column_schema *c = table_schema_find(t->schema, i.name);
		const struct datum *d =
			c ? history_view_get(conv->view, t, uuid, c) : NULL;

		if (d)
			json_put(columns, i.name,
				 json_pair(json_clone(i.value),
					   value_json(conv, d, &c->type)));
	}
	return columns;
}

/* Does not check the image: history_view_fold() does, later. */
static struct json_object *change_json(struct conversion *conv, const struct table *t,
				       const char *uuid_text,
				       const struct json_object *image)
{
	struct json_object *change = json_object();
	const struct json_object *columns;
	struct uuid uuid = {0};

	uuid_parse(uuid_text, &uuid);
	if (json_kind(image) != JSON_OBJECT) {
		json_put(change, "insert", row_json(conv, t, &uuid));
		return change;
	}
	columns = json_member(image, "changed");
	if (json_kind(columns) == JSON_OBJECT)
		json_put(change, "modify", modified_json(conv, t, &uuid, columns));
	else
		json_put(change, "delete", json_clone(json_member(image, "deleted")));
	return change;
}

/* NULL if it is longer than 'max_bytes'. */
static struct json_object *changes_json(struct conversion *conv,
					const struct json_object *inverse)
{
	const struct db *db = conv->view->db;
	struct json_object *changes = json_object();

	for (struct json_iter i = json_iter_begin(inverse); json_iter_next(&i);) {
		const struct table_schema *ts = schema_find_table(db->schema, i.name);
		struct json_object *rows = json_object();

		json_put(changes, i.name, rows);
		if (!ts || json_kind(i.value) != JSON_OBJECT)
			continue;
		for (struct json_iter j = json_iter_begin(i.value); json_iter_next(&j);) {
			json_put(rows, j.name,
				 change_json(conv, &db->tables[ts->index], j.name,
					     j.value));
			if (conv->n_bytes > conv->max_bytes) {
				json_free(changes);
				return NULL;
			}
		}
	}
	return changes;
}

/* --- the list --- */

/* About the length of an entry as JSON without its texts. */
#define ENTRY_BYTES 200

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

/* --- pages --- */

struct history_reader {
	const struct db *db;
	struct history_view *view; /* the state before the entry at 'position' */
	bool with_changes, is_undoable;
	int64_t position; /* the serial of the last entry read */
	struct history_page page;
	struct list list;
	size_t n_bytes; /* about the length of 'list' as JSON */
};

struct history_reader *history_reader_new(const struct db *db, bool with_changes)
{
	struct history_reader *r = xcalloc(1, sizeof(*r));

	r->db = db;
	r->view = history_view_new(db);
	r->with_changes = with_changes;
	r->is_undoable = true;
	r->position = INT64_MAX;
	return r;
}

void history_reader_free(struct history_reader *r)
{
	if (!r)
		return;
	history_entries_free(r->list.entries, r->list.n);
	history_view_free(r->view);
	free(r);
}

void history_reader_note(struct history_reader *r, const struct txn *t)
{
	if (r->with_changes)
		history_view_note(r->view, t);
}

bool history_reader_begin_page(struct history_reader *r, const struct history_page *page,
			       bool with_changes)
{
	int64_t before = page->before_serial ? page->before_serial : INT64_MAX;

	if (r->with_changes != with_changes || before > r->position)
		return false;
	history_entries_free(r->list.entries, r->list.n);
	r->list = (struct list){0};
	r->n_bytes = 0;
	r->page = *page;
	return true;
}

/* Writes the entry's changes into 'noted' unless that is NULL, and folds the entry into
 * the view. */
static struct err *take_changes(struct history_reader *r,
				const struct store_history_entry *entry,
				struct history_entry *noted)
{
	struct conversion conv = {.view = r->view,
				  .n_bytes = entry->n_inverse,
				  .max_bytes = r->page.max_changes_bytes};
	struct json_object *inverse;
	struct err *e = history_parse(r->db, entry->inverse, entry->n_inverse, &inverse);

	if (e)
		return e;
	if (noted && json_kind(inverse) == JSON_OBJECT)
		noted->changes = changes_json(&conv, inverse);
	if (noted && noted->changes)
		r->n_bytes += conv.n_bytes;
	e = history_view_fold(r->view, HISTORY_FILE, inverse);
	json_free(inverse);
	return e;
}

static size_t length(const char *s)
{
	return s ? strlen(s) : 0;
}

/* Called for each entry from the newest on: its new values come from the view, into which
 * all newer ones have been folded. */
static struct err *take_entry(struct history_reader *r,
			      const struct store_history_entry *entry)
{
	struct history_entry *noted = NULL;

	r->position = entry->serial;
	r->is_undoable &= entry->has_inverse;
	if (!r->page.before_serial || entry->serial < r->page.before_serial) {
		noted = list_add(&r->list, entry);
		noted->is_undoable = r->is_undoable;
		r->n_bytes += length(entry->command) + length(entry->subject) +
			      length(entry->comment) + ENTRY_BYTES;
	}
	return r->with_changes && r->is_undoable ? take_changes(r, entry, noted) : NULL;
}

static bool is_full(const struct history_reader *r)
{
	return r->list.n >= r->page.max_entries ||
	       (r->list.n && r->n_bytes >= r->page.max_bytes);
}

struct err *history_reader_go_on(struct history_reader *r, int64_t end_ms, bool *ret_done)
{
	CLEANUP(store_history_closep) struct store_history_cursor *c = NULL;
	struct store_history_entry entry;
	bool found = r->db->history && r->db->history->sum.last_serial;
	struct err *e = NULL;

	if (found && !is_full(r))
		e = store_history_open(r->db->store, r->position, r->with_changes, &c);
	while (!e && found && !is_full(r)) {
		e = store_history_next(c, &found, &entry);
		if (!e && found)
			e = take_entry(r, &entry);
		if (!e && clock_now_ms() >= end_ms)
			break;
	}
	if (!e)
		*ret_done = !found || is_full(r);
	return e;
}

void history_reader_take(struct history_reader *r, struct history_entry **ret_entries,
			 size_t *ret_n)
{
	*ret_entries = r->list.entries;
	*ret_n = r->list.n;
	r->list = (struct list){0};
}

struct err *history_read(const struct db *db, int64_t before_serial, size_t max,
			 bool with_changes, struct history_entry **ret_entries,
			 size_t *ret_n)
{
	const struct history_page page = {.before_serial = before_serial,
					  .max_entries = max,
					  .max_bytes = SIZE_MAX,
					  .max_changes_bytes = SIZE_MAX};
	struct history_reader *r = history_reader_new(db, with_changes);
	bool done = history_reader_begin_page(r, &page, with_changes);
	struct err *e;

	assert(done);
	e = history_reader_go_on(r, INT64_MAX, &done);
	if (!e)
		history_reader_take(r, ret_entries, ret_n);
	history_reader_free(r);
	return e;
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
