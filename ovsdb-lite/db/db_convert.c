/* The conversion of a database to another schema: its rows are inserted into a new
 * database in memory, checked as in a commit, written to the file in one transaction, and
 * then replace the old tables. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/store/store.h"
#include "ovsdb-lite/rows/txn_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err *does_not_fit(struct err *cause, const struct row *r,
				const struct column_schema *c)
{
	char uuid[UUID_TEXT_BYTES];
	struct err *e =
		err_wrap(cause, "%s row %s: the value of %s does not fit the new schema",
			 table_schema(row_table(r))->name, uuid_format(row_uuid(r), uuid),
			 c->name);

	e->code = ERR_CONSTRAINT;
	return err_hint(e, "change the value first, or make the new schema accept it");
}

/* By way of JSON, as ovsdb-server does it: 5 fits a real or a set, the empty set does not
 * fit an integer. */
static struct err *convert_datum(const struct row *r, const struct column_schema *from,
				 const struct column_schema *to, struct datum *d)
{
	const struct datum *value = row_get(r, from);
	struct json_object *json;
	struct datum converted;
	struct err *e;

	if (!value->n && !to->type.n_min)
		return NULL; /* an empty map fits an empty set, which JSON does not */
	json = datum_to_json(value, &from->type);
	e = datum_from_json(&converted, &to->type, json, NULL);
	json_free(json);
	if (e)
		return does_not_fit(e, r, from);
	datum_swap(d, &converted);
	datum_clear(&converted, &to->type);
	return NULL;
}

static struct err *convert_row(struct txn *t, const struct row *from,
			       const struct table_schema *ts)
{
	const struct table_schema *from_ts = table_schema(row_table(from));
	struct row *r;
	struct err *e = txn_insert(t, txn_table_of(t, ts), row_uuid(from), &r);

	for (size_t i = 0; !e && i < ts->n_columns; i++) {
		const struct column_schema *c =
			table_schema_find(from_ts, ts->columns[i].name);

		if (c)
			e = convert_datum(from, c, &ts->columns[i], &r->fields[i]);
	}
	if (!e)
		row_pack(r);
	return e;
}

static struct err *convert_rows(const struct db *db, struct txn *t)
{
	for (size_t i = 0; i < db->schema->n_tables; i++) {
		const struct table_schema *ts =
			schema_find_table(t->db->schema, db->schema->tables[i].name);

		if (!ts)
			continue;
		TABLE_FOR_EACH (r, &db->tables[i]) {
			struct err *e = convert_row(t, r, ts);

			if (e)
				return e;
		}
	}
	return integrity_check(t);
}

static struct err *insert_rows(struct store *s, const struct txn *t)
{
	struct err *e = NULL;

	for (const struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		const struct table_schema *ts = tr->table->schema;
		CLEANUP(freep) const struct datum **fields = NULL;

		if (tr->is_deleted || !schema_stores_table(t->db->schema, ts))
			continue;
		fields = xcalloc(ts->n_columns, sizeof(*fields));
		for (size_t i = 0; i < ts->n_columns; i++)
			fields[i] = &tr->row->fields[i];
		e = store_insert(s, ts, &tr->row->uuid, fields);
	}
	return e;
}

/* Opens the history as it goes on, within the transaction that converts the rows. */
static struct err *renew_history(struct db *db, struct history **ret_old)
{
	struct history *old = STEAL(db->history);
	struct err *e = history_open(db);

	if (e) {
		db->history = old;
		return e;
	}
	db->history->limits = old->limits;
	db->history->keep_from = old->keep_from;
	*ret_old = old;
	return NULL;
}

static void drop_history(struct db *db, struct history *h)
{
	struct history *kept = db->history;

	db->history = h;
	history_close(db);
	db->history = kept;
}

/* 't' has the rows. On success the store owns 'schema', and the caller owns
 * '*ret_old'. */
static struct err *write_file(struct db *db, const struct txn *t, struct schema *schema,
			      struct schema **ret_old)
{
	struct history *old_history = NULL;
	struct err *e = store_convert_begin(db->store, schema);

	if (e)
		return e;
	e = insert_rows(db->store, t);
	if (!e)
		e = renew_history(db, &old_history);
	if (e) {
		store_convert_rollback(db->store);
		return e;
	}
	e = store_convert_commit(db->store, ret_old);
	if (e) {
		struct history *new_history = db->history;

		db->history = old_history;
		drop_history(db, new_history);
		return e;
	}
	drop_history(db, old_history);
	return NULL;
}

/* Exchanges the tables of 'db' and 'next'. 'old' is the schema of 'db'. */
static void swap_tables(struct db *db, struct db *next, struct schema *old)
{
	struct table *tables = db->tables;

	db->tables = next->tables;
	for (size_t i = 0; i < next->schema->n_tables; i++)
		db->tables[i].db = db;
	next->tables = tables;
	for (size_t i = 0; i < db->schema->n_tables; i++)
		next->tables[i].db = next;
	db->schema = next->schema;
	db->own_schema = db->store ? NULL : next->own_schema;
	next->schema = old;
	next->own_schema = old;
}

static struct err *copy_schema(const struct schema *schema, struct schema **ret_copy)
{
	struct json_object *json = schema_to_json(schema);
	struct err *e = schema_from_json(json, ret_copy);

	json_free(json);
	return e;
}

/* Once the rows are known to fit, copies the file to 'backup' unless that is NULL. */
static struct err *convert(struct db *db, const struct schema *schema, const char *backup)
{
	const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct schema *copy, *old = db->own_schema;
	struct db *next;
	struct txn *t;
	struct err *e = copy_schema(schema, &copy);

	assert(!db->is_replica && !db->is_notifying);
	if (e)
		return e;
	next = db_new_in_memory(copy);
	t = txn_new(next, &origin);
	e = convert_rows(db, t);
	if (!e && backup)
		e = db_backup(db, backup);
	if (!e && db->store) {
		e = write_file(db, t, copy, &old);
		if (e && backup)
			unlink(backup);
	}
	if (!e) {
		if (db->converting)
			db->converting(db->converting_aux);
		integrity_update_weak_refs(t);
		txn_swap(t);
		swap_tables(db, next, old);
		t->db = db; /* it has the tables of 't' now */
	}
	txn_free(t);
	db_close(next);
	return e;
}

struct err *db_convert(struct db *db, const struct schema *schema)
{
	if (strcmp(db->schema->name, schema->name) != 0)
		return err_hint(err_new(ERR_CONSTRAINT,
					"cannot convert database %s to schema %s",
					db->schema->name, schema->name),
				"a conversion keeps the database's name");
	return convert(db, schema, NULL);
}

/* A name that no backup of an earlier conversion has. */
static char *new_backup_path(const struct db *db)
{
	const char *version = schema_version_text(db->schema);
	char *path = xasprintf("%s.backup-%s", db->path, version);

	for (int i = 2; !access(path, F_OK); i++) {
		free(path);
		path = xasprintf("%s.backup-%s.%d", db->path, version, i);
	}
	return path;
}

struct err *db_upgrade(struct db *db, const struct schema *schema)
{
	CLEANUP(freep) char *backup = new_backup_path(db);
	CLEANUP(freep) char *version = xstrdup(schema_version_text(db->schema));
	struct err *e = convert(db, schema, backup);

	return e ? err_wrap(e,
			    "%s cannot be converted from version %s of schema %s to %s",
			    db->path, version, schema->name, schema_version_text(schema))
		 : NULL;
}
