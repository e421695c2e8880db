/* The JSON-RPC method `ipvl_doctor` (docs/methods.md). */
#ifndef RECONCILER_DOCTOR_METHOD_H
#define RECONCILER_DOCTOR_METHOD_H 1

#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/wanted/desired.h"

struct doctor_method;

/* Adds the method. Borrows all; copies 'source', whose 'txn' is NULL. 'path' is that of
 * the database, 'datapath_name' as of --datapath. */
struct doctor_method *
doctor_method_new(struct server *s, struct db *db, const struct desired_source *source,
		  struct datapath *dp, const char *path, const char *datapath_name)
	__attribute__((warn_unused_result));
void doctor_method_free(struct doctor_method *m); /* accepts NULL */

#endif
