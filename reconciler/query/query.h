/* What the methods work on that read the kernel for a client: ipvl_import, ipvl_trace, ipvl_who,
 * ipvl_statistics, ipvl_doctor, ipvl_datapaths. */
#ifndef RECONCILER_QUERY_QUERY_H
#define RECONCILER_QUERY_QUERY_H 1

#include "datapath/datapath.h"
#include "ovsdb-lite/server/server.h"
#include "reconciler/wanted/desired.h"

/* All borrowed. */
struct query {
	struct db *db;
	struct desired_source source; /* 'txn' is NULL */
	struct datapath *datapath;
	const char *db_path, *datapath_name; /* as of --db and --datapath */
};

#endif
