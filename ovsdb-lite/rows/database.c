/* The tables of a database, its validator, and the observers of its commits. */
#include "ovsdb-lite/rows/database_private.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

void db_make_tables(struct db *db)
{
	size_t n = db->schema->n_tables;

	db->tables = xcalloc(n ? n : 1, sizeof(*db->tables));
	for (size_t i = 0; i < n; i++)
		table_init(&db->tables[i], db, db->schema, &db->schema->tables[i]);
}

const struct schema *db_schema(const struct db *db)
{
	return db->schema;
}

const char *db_name(const struct db *db)
{
	return db->schema->name;
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

void db_on_converting(struct db *db, db_converting_fn *fn, void *aux)
{
	db->converting = fn;
	db->converting_aux = aux;
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
	if (!o->db->is_notifying)
		remove_observer(o);
}

/* An observer may remove itself or others: those removed are freed after the last
 * call. */
void db_notify_observers(struct db *db, const struct txn *txn)
{
	struct db_observer *o, *next;

	assert(!db->is_notifying); /* an observer must not commit */
	db->is_notifying = true;
	DL_FOREACH (db->observers, o) {
		if (o->fn)
			o->fn(o->aux, txn);
	}
	db->is_notifying = false;
	DL_FOREACH_SAFE (db->observers, o, next) {
		if (!o->fn)
			remove_observer(o);
	}
}
