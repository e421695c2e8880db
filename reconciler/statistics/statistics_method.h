/* The JSON-RPC method `ipvl_statistics` (docs/methods.md). */
#ifndef RECONCILER_STATISTICS_STATISTICS_METHOD_H
#define RECONCILER_STATISTICS_STATISTICS_METHOD_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void statistics_method_add(struct server *s, struct query *q);

#endif
