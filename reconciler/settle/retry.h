/* Which failures a retry can end. */
#ifndef RECONCILER_SETTLE_RETRY_H
#define RECONCILER_SETTLE_RETRY_H 1

#include "lib/err.h"

#include <stdbool.h>

/* False if the same step would fail in the same way until the row, the device or the
 * kernel's abilities and permissions change. Such a change makes a commit or an event;
 * the audit finds the rest. */
bool retry_can_help(const struct err *e);

#endif
