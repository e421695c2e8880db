/* A database: its tables, its file if it has one, its validator and observers. Beside it:
 * db_load.c (how rows of the file become rows in memory), db_convert.c, table.c (rows),
 * txn*.c (changes), store.c (the file). */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

void db_make_tables(struct db *db)
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
	db_make_tables(db);
	return db;
}

static struct err *open_store(struct store *store, const char *path, struct db **ret_db)
{
	struct db *db = xcalloc(1, sizeof(*db));
	struct err *e;

	db->store = store;
	db->schema = store_schema(store);
	db->path = xstrdup(path);
	db->identity = *store_identity(store);
	db_make_tables(db);
	e = db_load(db);
	if (!e)
		e = history_open(db);
	if (e) {
		db_close(db);
		return e;
	}
	*ret_db = db;
	return NULL;
}

struct err *db_open(const char *path, const struct schema *schema_if_missing,
		    struct db **ret_db)
{
	struct store *store;
	struct db *db;
	struct err *e = store_open(path, schema_if_missing, &store);

	if (!e)
		e = open_store(store, path, &db);
	if (e)
		return e;
	/* The store has refused a newer one. */
	if (schema_if_missing &&
	    strcmp(db->schema->version, schema_if_missing->version) != 0)
		e = db_upgrade(db, schema_if_missing);
	if (e) {
		db_close(db);
		return e;
	}
	*ret_db = db;
	return NULL;
}

struct err *db_open_read_only(const char *path, struct db **ret_db)
{
	struct store *store;
	struct err *e = store_open_read_only(path, &store);

	return e ? e : open_store(store, path, ret_db);
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

void db_task_run(struct db_task *t)
{
	store_task_run(t);
}

struct err *db_task_finish(struct db_task *t)
{
	return store_task_finish(t);
}

struct err *db_backup(const struct db *db, const char *path)
{
	assert(db->store);
	return store_backup(db->store, path);
}

struct err *db_compact(struct db *db)
{
	return db->store ? store_compact(db->store) : NULL;
}

void db_tell_socket(struct db *db, const char *remote)
{
	if (db->store)
		store_tell_socket(db->store, remote);
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
