/* Metrics as text: the Prometheus text format 0.0.4, and OpenMetrics 1.0.0. */
#ifndef RECONCILER_WEB_WEB_EXPOSITION_H
#define RECONCILER_WEB_WEB_EXPOSITION_H 1

#include "lib/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum web_format { WEB_TEXT, WEB_OPENMETRICS };

/* The better one of those that a scraper accepts; WEB_TEXT if it does not say. 'accept' may
 * be NULL. */
enum web_format web_format_of(const char *accept);
const char *web_format_content_type(enum web_format f);

enum web_metric_type { WEB_GAUGE, WEB_COUNTER, WEB_HISTOGRAM, WEB_INFO };

struct web_metric {
	/* Without `_total` or `_info`, which its samples get. */
	const char *name;
	enum web_metric_type type;
	const char *unit; /* the last part of the name; NULL: none */
	const char *help; /* one sentence, without characters to escape */
};

struct web_label {
	const char *name, *value;
};

/* Appends to 'b', borrowed. A family is followed by its samples, before the next one. */
struct web_exposition {
	struct buffer *b;
	enum web_format format;
	const struct web_metric *family;
};
void web_exposition_family(struct web_exposition *x, const struct web_metric *m);
void web_exposition_sample(struct web_exposition *x, const struct web_label *labels,
			   size_t n_labels, double value);
void web_exposition_integer(struct web_exposition *x, const struct web_label *labels,
			    size_t n_labels, uint64_t value);
/* Of a WEB_HISTOGRAM: 'counts' has one more than 'bounds', which increase. */
void web_exposition_histogram(struct web_exposition *x, const double *bounds,
			      const uint64_t *counts, size_t n_bounds, double sum);
void web_exposition_end(struct web_exposition *x);

#endif
