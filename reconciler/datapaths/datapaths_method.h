/* The JSON-RPC method `ipvl_datapaths` (docs/methods.md). */
#ifndef RECONCILER_DATAPATHS_DATAPATHS_METHOD_H
#define RECONCILER_DATAPATHS_DATAPATHS_METHOD_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void datapaths_method_add(struct server *s, struct query *q);

#endif
