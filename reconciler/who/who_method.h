/* The JSON-RPC method `ipvl_who` (docs/methods.md). */
#ifndef RECONCILER_WHO_METHOD_H
#define RECONCILER_WHO_METHOD_H 1

#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/wanted/desired.h"

struct who_method;

/* Adds the method. Borrows all; copies 'source', whose 'txn' is NULL. */
struct who_method *who_method_new(struct server *s, struct db *db,
				  const struct desired_source *source,
				  struct datapath *dp)
	__attribute__((warn_unused_result));
void who_method_free(struct who_method *m); /* accepts NULL */

#endif
