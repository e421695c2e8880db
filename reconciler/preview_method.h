/* The JSON-RPC method `ipvl_plan`: what a transaction would do to the kernel; and the
 * operation `ipvl_require` of `transact`. docs/methods.md. */
#ifndef RECONCILER_PREVIEW_METHOD_H
#define RECONCILER_PREVIEW_METHOD_H 1

#include "ovsdb-lite/server/server.h"
#include "reconciler/reconcile.h"

struct preview_method;

/* Registers it with 's'. Borrows all. */
struct preview_method *preview_method_new(struct server *s, struct db *db,
					  const struct reconciler *r, struct datapath *dp)
	__attribute__((warn_unused_result));
/* After the server is gone, or before it serves. Accepts NULL. */
void preview_method_free(struct preview_method *m);

#endif
