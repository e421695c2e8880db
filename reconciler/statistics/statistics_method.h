/* The JSON-RPC method `ipvl_statistics` (docs/methods.md). */
#ifndef RECONCILER_STATISTICS_STATISTICS_METHOD_H
#define RECONCILER_STATISTICS_STATISTICS_METHOD_H 1

#include "reconciler/query/query.h"

struct statistics_method;

/* Adds the method. Borrows both; the server is freed before it. */
struct statistics_method *statistics_method_new(struct server *s, const struct query *q)
	__attribute__((warn_unused_result));
void statistics_method_free(struct statistics_method *m); /* accepts NULL */

#endif
