/* /metrics/slaves: what the devices of slaves have received and sent. */
#ifndef RECONCILER_WEB_WEB_SLAVES_H
#define RECONCILER_WEB_WEB_SLAVES_H 1

#include "lib/http/http.h"
#include "reconciler/web/web_exposition.h"
#include "reconciler/web/web_source.h"

/* An answer that reads the counters in slices of the loop, and then writes them in pieces.
 * Borrows 's'. '*n_running' counts the answers that are not over. */
struct http_source web_slaves_source(const struct web_source *s, enum web_format format,
				     unsigned int *n_running);

#endif
