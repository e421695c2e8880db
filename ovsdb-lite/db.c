/* A database: its tables, its file if it has one, its validator and observers; and how
 * the rows of the file become rows in memory. Beside it: table.c (rows), txn*.c
 * (changes), store.c (the file). */
#include "ovsdb-lite/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history_private.h"
#include "ovsdb-lite/store.h"
#include "ovsdb-lite/txn_private.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

static void make_tables(struct db *db)
{
	size_t n = db->schema->n_tables;

	db->tables = xcalloc(n ? n : 1, sizeof(*db->tables));
	for (size_t i = 0; i < n; i++)
		table_init(&db->tables[i], db, &db->schema->tables[i]);
}

struct db *db_new_in_memory(struct schema *schema)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->own_schema = schema;
	db->schema = schema;
	db->identity = uuid_random();
	make_tables(db);
	return db;
}

static struct err *load_row(void *txn, const struct table_schema *ts,
			    const struct uuid *uuid, struct datum *fields)
{
	struct txn *t = txn;
	struct row *r;
	struct err *e = txn_insert(t, txn_table_of(t, ts), uuid, &r);

	for (size_t i = 0; i < ts->n_columns; i++) {
		if (!e)
			datum_swap(&r->fields[i], &fields[i]);
		datum_clear(&fields[i], &ts->columns[i].type);
	}
	if (!e)
		row_pack(r);
	return e;
}

static struct err *store_cleaned_row(struct store *s, const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	CLEANUP(freep)
	const struct datum **fields = xcalloc(ts->n_columns + 1, sizeof(*fields));

	if (tr->is_deleted)
		return store_delete(s, ts, &tr->row->uuid);
	for (size_t i = 0; i < ts->n_columns; i++) {
		if (tr->cells && tr->cells[i].is_weak_clean && !ts->columns[i].ephemeral)
			fields[i] = &tr->row->fields[i];
	}
	return store_update(s, ts, &tr->row->uuid, fields);
}

/* References in ephemeral columns are gone with the last process, and what hung on them
 * goes from the file as well. Most files have nothing of the kind and are not written. */
static struct err *store_cleaned_rows(struct store *s, const struct txn *t)
{
	bool is_begun = false;
	struct err *e = NULL;

	for (const struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (!tr->is_deleted && !tr->cells)
			continue;
		if (!is_begun)
			e = store_begin(s);
		if (e)
			return e;
		is_begun = true;
		e = store_cleaned_row(s, tr);
	}
	if (!is_begun)
		return NULL;
	if (!e)
		e = store_history_clear(s, "what only ephemeral columns kept is gone");
	if (e) {
		store_rollback(s);
		return e;
	}
	return store_commit(s);
}

static struct err *contradiction(const struct db *db, struct err *cause)
{
	struct err *e = err_wrap(cause, "the rows of %s contradict its schema", db->path);

	e->code = ERR_DAMAGED;
	return err_hint(e,
			"put them right with sqlite3, or restore the file from a backup");
}

/* As one transaction that inserts them all, so that the passes of a commit check them. */
static struct err *load(struct db *db)
{
	const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct txn *t = txn_new(db, &origin);
	struct err *e = NULL;

	for (size_t i = 0; !e && i < db->schema->n_tables; i++)
		e = store_load(db->store, &db->schema->tables[i], load_row, t);
	if (!e) {
		e = integrity_check(t);
		if (e)
			e = contradiction(db, e);
	}
	if (!e)
		e = store_cleaned_rows(db->store, t);
	if (!e) {
		integrity_update_weak_refs(t);
		txn_swap(t);
	}
	txn_free(t);
	return e;
}

struct err *db_open(const char *path, const struct schema *schema_if_missing,
		    struct db **ret_db)
{
	struct store *store;
	struct err *e = store_open(path, schema_if_missing, &store);
	struct db *db;

	if (e)
		return e;
	db = xcalloc(1, sizeof(*db));
	db->store = store;
	db->schema = store_schema(store);
	db->path = xstrdup(path);
	db->identity = *store_identity(store);
	make_tables(db);
	e = load(db);
	if (!e)
		e = history_open(db);
	if (e) {
		db_close(db);
		return e;
	}
	*ret_db = db;
	return NULL;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	assert(!db->observers);
	for (size_t i = 0; i < db->schema->n_tables; i++)
		table_clear(&db->tables[i]);
	free(db->tables);
	history_close(db);
	store_close(db->store);
	schema_free(db->own_schema);
	free(db->path);
	free(db);
}

const struct schema *db_schema(const struct db *db)
{
	return db->schema;
}

const char *db_name(const struct db *db)
{
	return db->schema->name;
}

const char *db_path(const struct db *db)
{
	return db->path;
}

const struct uuid *db_identity(const struct db *db)
{
	return &db->identity;
}

bool db_is_new(const struct db *db)
{
	return db->store && store_is_new(db->store);
}

struct err *db_sync(struct db *db)
{
	return db->store ? store_sync(db->store) : NULL;
}

struct err *db_sync_task(struct db *db, struct db_task **ret_task)
{
	if (db->store)
		return store_sync_task(db->store, ret_task);
	*ret_task = NULL;
	return NULL;
}

struct db_task *db_checkpoint_task(struct db *db)
{
	return db->store ? store_checkpoint_task(db->store) : NULL;
}

struct table *db_table(const struct db *db, const char *name)
{
	const struct table_schema *ts = schema_find_table(db->schema, name);

	return ts ? &db->tables[ts->index] : NULL;
}

struct table *db_table_at(const struct db *db, unsigned int table_index)
{
	assert(table_index < db->schema->n_tables);
	return &db->tables[table_index];
}

void db_set_validator(struct db *db, db_validator_fn *fn, void *aux)
{
	db->validator = fn;
	db->validator_aux = aux;
}

struct db_observer *db_observe(struct db *db, db_observer_fn *fn, void *aux)
{
	struct db_observer *o = xcalloc(1, sizeof(*o));

	o->db = db;
	o->fn = fn;
	o->aux = aux;
	DL_APPEND(db->observers, o);
	return o;
}

static void remove_observer(struct db_observer *o)
{
	DL_DELETE(o->db->observers, o);
	free(o);
}

void db_unobserve(struct db_observer *o)
{
	if (!o)
		return;
	o->fn = NULL;
	if (!o->db->is_telling)
		remove_observer(o);
}

/* An observer may remove itself or others, so the dead are buried when all have been
 * told. */
void db_tell_observers(struct db *db, const struct txn *txn)
{
	struct db_observer *o, *next;

	assert(!db->is_telling); /* an observer must not commit */
	db->is_telling = true;
	DL_FOREACH (db->observers, o) {
		if (o->fn)
			o->fn(o->aux, txn);
	}
	db->is_telling = false;
	DL_FOREACH_SAFE (db->observers, o, next) {
		if (!o->fn)
			remove_observer(o);
	}
}
