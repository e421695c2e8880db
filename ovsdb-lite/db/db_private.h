/* Shared by the files of db/. */
#ifndef OVSDB_DB_PRIVATE_H
#define OVSDB_DB_PRIVATE_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/database_private.h"

/* db_load.c: loads all rows of the file. ERR_DAMAGED, ERR_IO. */
struct err *db_load(struct db *db) MUST_CHECK;
/* db_convert.c: converts to a newer version of the schema, after a backup. */
struct err *db_upgrade(struct db *db, const struct schema *schema) MUST_CHECK;

/* db_turn.c, for db_commit(). Begins the SQL transaction; ERR_IO, also if the turn has
 * failed. */
struct err *db_turn_write_begin(struct db *db) MUST_CHECK;
/* The file has refused a commit: the turn ends with this error. */
void db_turn_fail(struct db *db, const struct err *e);
/* 't' is committed: it is kept for the end of the turn. */
void db_turn_keep(struct txn *t);

#endif
