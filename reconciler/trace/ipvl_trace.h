/* The JSON-RPC method `ipvl_trace` (docs/methods.md). */
#ifndef RECONCILER_TRACE_IPVL_TRACE_H
#define RECONCILER_TRACE_IPVL_TRACE_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void ipvl_trace_add(struct server *s, struct query *q);

#endif
