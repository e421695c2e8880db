/* The JSON-RPC method `ipvl_statistics` (docs/methods.md). */
#ifndef RECONCILER_STATISTICS_METHOD_H
#define RECONCILER_STATISTICS_METHOD_H 1

#include "config/columns.h"
#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"

struct statistics_method;

/* Adds the method. Borrows all. */
struct statistics_method *statistics_method_new(struct server *s, struct db *db,
						const struct ipvl_columns *columns,
						struct datapath *dp)
	__attribute__((warn_unused_result));
void statistics_method_free(struct statistics_method *m); /* accepts NULL */

#endif
