/* A whole database as text, or as JSON. */
#ifndef OVSDB_DUMP_H
#define OVSDB_DUMP_H 1

#include "ovsdb-lite/db/db.h"

#include <stdio.h>

/* Tables with aligned columns. */
void dump_text(const struct db *db, FILE *out);
/* {TABLE: {UUID: {COLUMN: <value>}}} with the values of RFC 7047 5.1. */
void dump_json(const struct db *db, FILE *out);

#endif
