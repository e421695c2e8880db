/* Shared by schema.c and schema_parse.c alone. */
#ifndef OVSDB_SCHEMA_PRIVATE_H
#define OVSDB_SCHEMA_PRIVATE_H 1

#include "ovsdb-lite/values/schema.h"

void base_type_clear(struct base_type *b);
void column_type_clear(struct column_type *t);
/* One or more atoms of 'type', as "enum" has them. */
struct column_type set_type(enum atom_type type);

#endif
