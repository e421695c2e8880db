/* The JSON-RPC method `ipvl_announce`: announces the addresses of slaves again
 * (docs/methods.md). */
#ifndef RECONCILER_ANNOUNCE_ANNOUNCE_METHOD_H
#define RECONCILER_ANNOUNCE_ANNOUNCE_METHOD_H 1

#include "config/columns.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/announce/announcer.h"

struct announce_method;

/* Borrows all. Adds the method. */
struct announce_method *announce_method_new(struct server *s,
					    const struct ipvl_columns *c, struct db *db,
					    struct announcer *an)
	__attribute__((warn_unused_result, returns_nonnull));
void announce_method_free(struct announce_method *m); /* accepts NULL */

#endif
