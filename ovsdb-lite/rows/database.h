/* A database in memory: tables of committed rows, a validator, and observers of commits.
 * All writes go through a txn (txn.h); db/db.h opens and closes a database. */
#ifndef OVSDB_DATABASE_H
#define OVSDB_DATABASE_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/table.h"

#include <stdbool.h>

struct db;
struct txn;

const struct schema *db_schema(const struct db *db);
const char *db_name(const struct db *db);                      /* the schema's name */
struct table *db_table(const struct db *db, const char *name); /* NULL if there is none */
struct table *db_table_at(const struct db *db, unsigned int table_index);

/* Where a transaction comes from, for the validator and the history. */
struct txn_origin {
	bool internal;       /* this process: may write status columns */
	int64_t uid, pid;    /* -1 if unknown */
	const char *command; /* the command line, shortened; NULL if unknown */
	/* The common name in a remote client's certificate, else its address; NULL if
	 * local. */
	const char *subject;
};

/* Called after the integrity passes, before anything is written; an error refuses the
 * whole transaction. Any error code; ERR_CONSTRAINT and ERR_PERMISSION are usual. One for
 * each db. */
typedef struct err *db_validator_fn(void *aux, const struct txn *txn);
void db_set_validator(struct db *db, db_validator_fn *fn, void *aux);

/* Called after every commit that changed something; 'txn' still has old and new values.
 * An observer must not commit: it records what to do and does it later, from the loop. */
typedef void db_observer_fn(void *aux, const struct txn *txn);
struct db_observer;
struct db_observer *db_observe(struct db *db, db_observer_fn *fn, void *aux) MUST_CHECK;
void db_unobserve(struct db_observer *o); /* accepts NULL */

/* Called by db_convert() when it can no longer fail, while pointers to tables, rows and
 * columns are still valid. One for each db; NULL: none. It must not commit. */
typedef void db_converting_fn(void *aux);
void db_on_converting(struct db *db, db_converting_fn *fn, void *aux);

#endif
