/* The metrics of the daemon: what an operator alerts on. */
#ifndef RECONCILER_WEB_WEB_METRICS_H
#define RECONCILER_WEB_WEB_METRICS_H 1

#include "reconciler/web/web_exposition.h"
#include "reconciler/web/web_source.h"

/* Appends all of /metrics. Work in proportion to the masters, not to the slaves: but for
 * one walk over their states. */
void web_metrics_write(const struct web_source *s, enum web_format format,
		       struct buffer *b);

#endif
