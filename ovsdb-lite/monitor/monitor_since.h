/* What a client missed while it was away (monitor_cond_since). For monitor.c alone. */
#ifndef OVSDB_MONITOR_SINCE_H
#define OVSDB_MONITOR_SINCE_H 1

#include "ovsdb-lite/monitor/monitor_changes.h"

/* What changed since transaction 'id' in the tables and columns of 'r'. NULL if that is
 * not known, or only with differences that may be sent once but would be sent twice: then
 * the client needs everything. Borrows 'r'; owned by the caller. */
struct monitor_changes *monitor_since(const struct monitor_request *r,
				      const struct uuid *id)
	__attribute__((warn_unused_result));

#endif
