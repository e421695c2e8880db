/* The JSON-RPC method `ipvl_who` (docs/methods.md). */
#ifndef RECONCILER_WHO_WHO_METHOD_H
#define RECONCILER_WHO_WHO_METHOD_H 1

#include "reconciler/query/query.h"

/* Adds the method. Borrows both. */
void who_method_add(struct server *s, struct query *q);

#endif
