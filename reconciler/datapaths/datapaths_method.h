/* The JSON-RPC method `ipvl_datapaths` (docs/methods.md). */
#ifndef RECONCILER_DATAPATHS_DATAPATHS_METHOD_H
#define RECONCILER_DATAPATHS_DATAPATHS_METHOD_H 1

#include "ovsdb-lite/server/server.h"

/* It needs nothing of its own, and ends with the server. */
void datapaths_method_add(struct server *s, struct db *db);

#endif
