/* The JSON-RPC method `ipvl_cancel` (docs/methods.md): takes a change on trial back at once. */
#ifndef RECONCILER_ROLLBACK_ROLLBACK_METHOD_H
#define RECONCILER_ROLLBACK_ROLLBACK_METHOD_H 1

#include "ovsdb-lite/server/server.h"
#include "reconciler/rollback/rollback.h"

struct rollback_method;

/* Borrows all, and adds the method. */
struct rollback_method *rollback_method_new(struct server *s,
					    const struct ipvl_columns *c, struct db *db,
					    struct rollback *r)
	__attribute__((warn_unused_result));
void rollback_method_free(struct rollback_method *m); /* accepts NULL */

#endif
