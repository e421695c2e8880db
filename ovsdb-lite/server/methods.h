/* The table of methods: those of the server, and those of the embedding program. */
#ifndef OVSDB_METHODS_H
#define OVSDB_METHODS_H 1

#include "ovsdb-lite/exec/rbac.h"
#include "ovsdb-lite/server/method.h"

struct db;
struct session_common;

/* A method of the embedding program about 'db', which is hosted, or about none if that is
 * NULL. No other method has the name. 'right' is what a caller with a role needs. */
void methods_add(struct session_common *common, const struct db *db, const char *name,
		 enum rbac_right right, method_embedded_fn *fn, void *aux);
/* The same in slices. Borrows 'slices'. */
void methods_add_slices(struct session_common *common, const struct db *db,
			const char *name, enum rbac_right right,
			const struct method_slices *slices, void *aux);
/* All that were added. */
void methods_free(struct session_common *common);

/* Handles a request or notification, replies included. */
void methods_call(struct session *s, const struct jsonrpc_message *m);

#endif
