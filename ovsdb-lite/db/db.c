/* A database and its file: closing, identity, syncs, copies. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/store/store.h"

#include <assert.h>
#include <stdlib.h>

struct db *db_new_in_memory(struct schema *schema)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->own_schema = schema;
	db->schema = schema;
	db->identity = uuid_random();
	db_make_tables(db);
	return db;
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

void db_set_busy(struct db *db, bool is_busy)
{
	if (db->store && !store_is_read_only(db->store))
		store_set_busy(db->store, is_busy);
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

struct db_task *db_shorten_task(struct db *db)
{
	return db->store ? store_shorten_task(db->store) : NULL;
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

void db_advertise(struct db *db, const char *remote)
{
	if (db->store)
		store_advertise(db->store, remote);
}
