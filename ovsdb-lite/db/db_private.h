/* What the files of db/ share. */
#ifndef OVSDB_DB_PRIVATE_H
#define OVSDB_DB_PRIVATE_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/database_private.h"

/* db_load.c: all rows of the file. */
struct err *db_load(struct db *db) MUST_CHECK;
/* db_convert.c: to a newer version of its schema, with a backup. */
struct err *db_upgrade(struct db *db, const struct schema *schema) MUST_CHECK;

#endif
