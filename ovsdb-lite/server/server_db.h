/* The database `_Server`, in which clients see what is served (ovsdb-server(5), schema
 * version 1.2.0): a row for each database, itself included. In memory; written by the
 * server alone, by transactions, so that monitors tell of it. */
#ifndef OVSDB_SERVER_DB_H
#define OVSDB_SERVER_DB_H 1

#include "ovsdb-lite/db/db.h"

#define SERVER_DB_NAME "_Server"

/* Has its own row already. db_close() it. */
struct db *server_db_new(void) __attribute__((warn_unused_result));
/* Adds the row of 'served', or brings it up to date after a conversion. */
void server_db_publish(struct db *server_db, const struct db *served);

#endif
