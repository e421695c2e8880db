/* The JSON-RPC method `ipvl_plan`: what a transaction would do to the kernel.
 * docs/methods.md. */
#ifndef RECONCILER_PLAN_METHOD_H
#define RECONCILER_PLAN_METHOD_H 1

#include "ovsdb-lite/server/server.h"
#include "reconciler/reconcile.h"

struct plan_method;

/* Registers it with 's'. Borrows all three. */
struct plan_method *plan_method_new(struct server *s, struct db *db, struct reconciler *r)
	__attribute__((warn_unused_result));
/* After the server is gone, or before it serves. Accepts NULL. */
void plan_method_free(struct plan_method *m);

#endif
