/* What a client missed that comes back (monitor_cond_since). For monitor.c alone. */
#ifndef OVSDB_MONITOR_SINCE_H
#define OVSDB_MONITOR_SINCE_H 1

#include "ovsdb-lite/monitor/monitor_changes.h"

/* What changed since transaction 'id', as far as 'r' asks for it. NULL if that cannot be
 * told, or not without telling more than once what may be told only once: then the client
 * needs everything anew. Borrows 'r'; owned by the caller. */
struct monitor_changes *monitor_since(const struct monitor_request *r,
				      const struct uuid *id)
	__attribute__((warn_unused_result));

#endif
