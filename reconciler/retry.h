/* Which failures a retry may help: the one place that decides it. */
#ifndef RECONCILER_RETRY_H
#define RECONCILER_RETRY_H 1

#include "lib/err.h"

#include <stdbool.h>

/* False where the same step would fail in the same way until somebody changes something:
 * the row, the device, or what the kernel can do and permits. Whoever changes it makes a
 * commit or an event; the audit sees the rest. */
bool retry_can_help(const struct err *e);

#endif
