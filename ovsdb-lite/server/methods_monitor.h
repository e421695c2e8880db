/* The methods about monitors. */
#ifndef OVSDB_METHODS_MONITOR_H
#define OVSDB_METHODS_MONITOR_H 1

#include "ovsdb-lite/server/method.h"

method_fn methods_monitor, methods_monitor_cond, methods_monitor_cond_since,
	methods_monitor_cond_change, methods_monitor_cancel;

#endif
