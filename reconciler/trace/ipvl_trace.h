/* The JSON-RPC method `ipvl_trace` (docs/methods.md). */
#ifndef RECONCILER_TRACE_IPVL_TRACE_H
#define RECONCILER_TRACE_IPVL_TRACE_H 1

#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/wanted/desired.h"

struct ipvl_trace;

/* Adds the method. Borrows all; copies 'source', whose 'txn' is NULL. */
struct ipvl_trace *ipvl_trace_new(struct server *s, struct db *db,
				  const struct desired_source *source,
				  struct datapath *dp)
	__attribute__((warn_unused_result));
void ipvl_trace_free(struct ipvl_trace *m); /* accepts NULL */

#endif
