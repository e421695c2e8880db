/* Opening a database's file: loads its rows and converts an older schema. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/store/store.h"

#include <string.h>

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
	/* store_open() has refused a newer version. */
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
