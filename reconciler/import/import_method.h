/* The JSON-RPC method `ipvl_import` (docs/methods.md). */
#ifndef RECONCILER_IMPORT_IMPORT_METHOD_H
#define RECONCILER_IMPORT_IMPORT_METHOD_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void import_method_add(struct server *s, struct query *q);

#endif
