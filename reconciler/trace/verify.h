/* The JSON-RPC method `ipvl_verify` (docs/methods.md): a few echo requests, sent in the
 * background. */
#ifndef RECONCILER_TRACE_VERIFY_H
#define RECONCILER_TRACE_VERIFY_H 1

#include "datapath/datapath.h"
#include "lib/loop.h"
#include "ovsdb-lite/server/server.h"

struct verify;

/* Adds the method. Borrows all. */
struct verify *verify_new(struct server *s, struct db *db, struct loop *loop,
			  struct datapath *dp) __attribute__((warn_unused_result));
void verify_free(struct verify *v); /* accepts NULL */

#endif
