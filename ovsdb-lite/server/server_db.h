/* The database `_Server`, which lists the hosted databases (ovsdb-server(5), schema
 * version 1.2.0): a row for each, itself included. In memory; only the server writes it,
 * by transactions, so that clients can monitor it. */
#ifndef OVSDB_SERVER_DB_H
#define OVSDB_SERVER_DB_H 1

#include "ovsdb-lite/db/db.h"

#define SERVER_DB_NAME "_Server"

/* Has its own row already. db_close() it. */
struct db *server_db_new(void) __attribute__((warn_unused_result));
/* Adds the row of 'hosted', or updates it after a conversion. */
void server_db_publish(struct db *server_db, const struct db *hosted);

#endif
