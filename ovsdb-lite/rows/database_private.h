/* The inside of a database, for rows/, history/ and db/. */
#ifndef OVSDB_DATABASE_PRIVATE_H
#define OVSDB_DATABASE_PRIVATE_H 1

#include "ovsdb-lite/rows/database.h"
#include "ovsdb-lite/rows/table_private.h"

struct db_turn;
struct history;
struct store;

struct db_observer {
	struct db *db;
	db_observer_fn *fn; /* NULL: removed while observers were called */
	void *aux;
	struct db_observer *prev, *next;
};

struct db {
	const struct schema *schema;
	struct schema *own_schema; /* 'schema' without a store; NULL: the store owns it */
	struct store *store;       /* NULL: in memory only */
	struct history *history;   /* NULL without a store */
	struct db_turn *turn;      /* db_turn.c; NULL: none is open */
	char *path;
	struct uuid identity;
	struct table *tables; /* as in the schema, in its order */
	bool is_replica; /* db_commit_replicated() was used: no row.n_refs, weak_refs */
	db_validator_fn *validator;
	void *validator_aux;
	db_converting_fn *converting;
	void *converting_aux;
	struct db_observer *observers;
	bool is_notifying; /* observers are being called */
};

/* Makes db->tables for db->schema. */
void db_make_tables(struct db *db);
/* Calls every observer. An observer may remove itself or others, and must not commit. */
void db_notify_observers(struct db *db, const struct txn *txn);

#endif
