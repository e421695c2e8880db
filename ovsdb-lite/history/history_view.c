/* The rows after an earlier transaction: inverses folded onto the present rows, the
 * newest first, so that an older one replaces values of a newer one. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/store/store.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdlib.h>
#include <string.h>

/* --- an inverse --- */

struct err *history_damaged(const struct db *db, struct err *cause)
{
	struct err *e = err_wrap(cause, "%s: the history is damaged", db->path);

	e->code = ERR_DAMAGED;
	return err_hint(e, "delete it: sqlite3 %s 'DELETE FROM _history'", db->path);
}

struct err *history_parse(const struct db *db, const char *text, size_t n,
			  struct json_object **ret_inverse)
{
	struct err *e = json_parse(text, n, ret_inverse);

	return e ? history_damaged(db, e) : NULL;
}

/* --- rows of a view --- */

struct history_view *history_view_new(const struct db *db)
{
	struct history_view *v = xcalloc(1, sizeof(*v));
	size_t n_max = 0;

	for (size_t i = 0; i < db->schema->n_tables; i++) {
		if (db->schema->tables[i].n_columns > n_max)
			n_max = db->schema->tables[i].n_columns;
	}
	v->db = db;
	v->nothing = xcalloc(n_max + 1, sizeof(*v->nothing));
	return v;
}

static void clear_values(struct history_view_row *r)
{
	const struct table_schema *ts = r->key.table->schema;

	for (size_t i = 0; r->values && i < ts->n_columns; i++) {
		if (r->old[i])
			datum_clear(&r->values[i], &ts->columns[i].type);
		r->old[i] = NULL;
	}
}

static void row_drop(struct history_view *v, struct history_view_row *r)
{
	clear_values(r);
	HASH_DEL(v->rows, r);
	free(r->values);
	free(r->old);
	free(r);
}

void history_view_free(struct history_view *v)
{
	struct history_view_row *r, *next;

	if (!v)
		return;
	HASH_ITER (hh, v->rows, r, next)
		row_drop(v, r);
	free(v->nothing);
	free(v);
}

static struct history_view_row *find_row(const struct history_view *v,
					 const struct table *t, const struct uuid *uuid)
{
	struct history_view_key key;
	struct history_view_row *r;

	memset(&key, 0, sizeof(key));
	key.table = t;
	key.uuid = *uuid;
	HASH_FIND(hh, v->rows, &key, sizeof(key), r);
	return r;
}

static struct history_view_row *get_row(struct history_view *v, const struct table *t,
					const struct uuid *uuid)
{
	struct history_view_row *r = find_row(v, t, uuid);

	if (r)
		return r;
	r = xcalloc(1, sizeof(*r));
	r->key.table = t;
	r->key.uuid = *uuid;
	r->existed = table_find(t, uuid) != NULL;
	HASH_ADD(hh, v->rows, key, sizeof(r->key), r);
	return r;
}

/* Takes d's contents. */
static void set_value(struct history_view_row *r, const struct column_schema *c,
		      struct datum *d)
{
	size_t n = r->key.table->schema->n_columns;

	if (!r->values) {
		r->values = xcalloc(n, sizeof(*r->values));
		r->old = xcalloc(n, sizeof(*r->old));
	}
	if (!r->old[c->index])
		datum_init_empty(&r->values[c->index]);
	datum_swap(&r->values[c->index], d);
	datum_clear(d, &c->type);
	r->old[c->index] = &r->values[c->index];
}

const struct datum *history_view_get(const struct history_view *v, const struct table *t,
				     const struct uuid *uuid,
				     const struct column_schema *c)
{
	const struct history_view_row *r = find_row(v, t, uuid);
	const struct row *now = r && !r->existed ? NULL : table_find(t, uuid);

	if (r && r->existed && r->old && r->old[c->index])
		return r->old[c->index];
	return now ? row_get(now, c) : NULL;
}

/* --- folding --- */

static struct err *fold_columns(struct history_view_row *r, enum history_part part,
				const struct json_object *columns)
{
	const struct table *t = r->key.table;

	if (json_kind(columns) != JSON_OBJECT)
		return err_new(ERR_DAMAGED, "%s instead of columns",
			       json_kind_name(json_kind(columns)));
	for (struct json_iter i = json_iter_begin(columns); json_iter_next(&i);) {
		const struct column_schema *c = table_schema_find(t->schema, i.name);
		struct datum d;
		struct err *e;

		if (!c || !history_part_has(part, t, c))
			return err_new(ERR_DAMAGED, "table %s has no such column %s",
				       t->schema->name, i.name);
		e = datum_from_json(&d, &c->type, i.value, NULL);
		if (e)
			return e;
		set_value(r, c, &d);
	}
	return NULL;
}

static void set_defaults(struct history_view_row *r)
{
	const struct table_schema *ts = r->key.table->schema;

	for (size_t i = 0; i < ts->n_columns; i++) {
		struct datum d;

		datum_init_default(&d, &ts->columns[i].type);
		set_value(r, &ts->columns[i], &d);
	}
}

/* For a row of a stored table, the file's part has its existence, and the memory's part
 * only adds columns. The file's part of a commit is folded first. */
static struct err *fold_image(struct history_view_row *r, enum history_part part,
			      const struct json_object *image)
{
	bool is_addition = part == HISTORY_MEMORY && r->key.table->is_stored;
	const struct json_object *columns = NULL;

	if (json_kind(image) == JSON_STRING &&
	    !strcmp(json_get_string(image), "inserted") && r->existed && !is_addition) {
		clear_values(r);
		r->existed = false;
		return NULL;
	}
	if (json_kind(image) == JSON_OBJECT && r->existed)
		columns = json_member(image, "changed");
	if (!columns && json_kind(image) == JSON_OBJECT && r->existed == is_addition) {
		columns = json_member(image, "deleted");
		if (columns && !is_addition) {
			set_defaults(r);
			r->existed = true;
		}
	}
	if (!columns)
		return err_new(ERR_DAMAGED, "it %s",
			       r->existed ? "deletes a row that exists after it"
					  : "changes a row that does not exist after it");
	return fold_columns(r, part, columns);
}

static struct err *fold_table(struct history_view *v, enum history_part part,
			      const struct table *t, const struct json_object *rows)
{
	struct err *e = NULL;

	if (json_kind(rows) != JSON_OBJECT)
		return err_new(ERR_DAMAGED, "%s instead of rows",
			       json_kind_name(json_kind(rows)));
	for (struct json_iter i = json_iter_begin(rows); !e && json_iter_next(&i);) {
		struct uuid uuid;

		if (!uuid_parse(i.name, &uuid))
			return err_new(ERR_DAMAGED, "%s is not a UUID", i.name);
		e = fold_image(get_row(v, t, &uuid), part, i.value);
	}
	return e;
}

static struct err *fold_tables(struct history_view *v, enum history_part part,
			       const struct json_object *tables)
{
	struct err *e = NULL;

	if (json_kind(tables) != JSON_OBJECT)
		return err_new(ERR_DAMAGED, "%s instead of tables",
			       json_kind_name(json_kind(tables)));
	for (struct json_iter i = json_iter_begin(tables); !e && json_iter_next(&i);) {
		const struct table_schema *ts = schema_find_table(v->db->schema, i.name);

		if (ts)
			e = fold_table(v, part, &v->db->tables[ts->index], i.value);
		else
			e = err_new(ERR_DAMAGED, "no table named %s", i.name);
	}
	return e;
}

struct err *history_view_fold(struct history_view *v, enum history_part part,
			      const struct json_object *inverse)
{
	struct err *e = fold_tables(v, part, inverse);

	return e ? history_damaged(v->db, e) : NULL;
}

/* --- commits during the life of a view --- */

static void keep_old(struct history_view_row *r, const struct change *change)
{
	const struct table_schema *ts = change->table->schema;

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		bool is_kept = history_part_has(HISTORY_FILE, change->table, c);
		struct datum d;

		if ((r->old && r->old[i]) || (change->kind == CHANGE_UPDATE &&
					      !(is_kept && change_is_changed(change, c))))
			continue;
		if (is_kept)
			datum_copy(&d, change_old(change, c), &c->type);
		else
			datum_init_default(&d, &c->type);
		set_value(r, c, &d);
	}
}

void history_view_note(struct history_view *v, const struct txn *t)
{
	TXN_FOR_EACH_CHANGE (change, t) {
		const struct uuid *uuid = row_uuid(change.row);
		struct history_view_row *r;

		if (!change.table->is_stored || !change_is_persistent(&change))
			continue;
		r = find_row(v, change.table, uuid);
		if (!r) {
			r = get_row(v, change.table, uuid);
			r->existed = change.kind != CHANGE_INSERT;
		}
		if (r->existed && change.kind != CHANGE_INSERT)
			keep_old(r, &change);
	}
}

/* --- the result --- */

/* False if the row now equals the row then. Drops values that are equal. */
static bool settle_row(struct history_view_row *r)
{
	const struct table_schema *ts = r->key.table->schema;
	const struct row *now = table_find(r->key.table, &r->key.uuid);
	bool differs = r->existed != (now != NULL);

	for (size_t i = 0; now && r->existed && r->old && i < ts->n_columns; i++) {
		const struct column_type *type = &ts->columns[i].type;

		if (!r->old[i])
			continue;
		if (!datum_equals(r->old[i], &now->fields[i], type)) {
			differs = true;
			continue;
		}
		datum_clear(&r->values[i], type);
		r->old[i] = NULL;
	}
	return differs;
}

void history_view_settle(struct history_view *v)
{
	struct history_view_row *r, *next;

	HASH_ITER (hh, v->rows, r, next) {
		if (!settle_row(r))
			row_drop(v, r);
	}
}

bool history_view_next(const struct history_view *v, void **cursor,
		       struct history_image *ret_image)
{
	struct history_view_row *r = *cursor;

	r = r ? r->hh.next : v->rows;
	if (!r)
		return false;
	*cursor = r;
	*ret_image = (struct history_image){
		.table = r->key.table->schema,
		.uuid = r->key.uuid,
		.existed = r->existed,
		.old = r->existed && r->old ? r->old : v->nothing,
	};
	return true;
}
