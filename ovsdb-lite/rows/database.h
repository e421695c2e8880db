/* A database in memory: tables of rows as the last commit left them, a validator, and
 * observers of commits. Everything written goes through a txn (txn.h); db/db.h opens and
 * closes. */
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

/* Where a transaction comes from; the validator and the history want to know. */
struct txn_origin {
	bool internal;       /* this process itself: may write status columns */
	int64_t uid, pid;    /* -1 if unknown */
	const char *command; /* its command line, shortened; NULL if unknown */
	const char *subject; /* of a remote client: its certificate's common name, else
			      * its address; NULL if local */
};

/* Asked after integrity, before anything is written: may refuse the whole transaction.
 * Any error code; ERR_CONSTRAINT and ERR_PERMISSION are usual. One for each db. */
typedef struct err *db_validator_fn(void *aux, const struct txn *txn);
void db_set_validator(struct db *db, db_validator_fn *fn, void *aux);

/* Told after every commit that changed something, while the txn still knows old and new.
 * An observer must not commit; it remembers what to do and does it from the loop. */
typedef void db_observer_fn(void *aux, const struct txn *txn);
struct db_observer;
struct db_observer *db_observe(struct db *db, db_observer_fn *fn, void *aux) MUST_CHECK;
void db_unobserve(struct db_observer *o); /* accepts NULL */

/* Called by db_convert() when nothing can fail any more, while pointers to tables, rows and
 * columns are still valid. One for each db; NULL: none. It must not commit. */
typedef void db_converting_fn(void *aux);
void db_on_converting(struct db *db, db_converting_fn *fn, void *aux);

#endif
