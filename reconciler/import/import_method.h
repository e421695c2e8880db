/* The JSON-RPC method `ipvl_import` (docs/methods.md). */
#ifndef RECONCILER_IMPORT_METHOD_H
#define RECONCILER_IMPORT_METHOD_H 1

#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/wanted/desired.h"

struct import_method;

/* Adds the method. Borrows all; copies 'source', whose 'txn' is NULL. */
struct import_method *import_method_new(struct server *s, struct db *db,
					const struct desired_source *source,
					struct datapath *dp)
	__attribute__((warn_unused_result));
void import_method_free(struct import_method *m); /* accepts NULL */

#endif
