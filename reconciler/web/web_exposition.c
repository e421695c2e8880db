/* What differs between the two formats: the names of counters and of infos, units, and the
 * mark of the end. */
#include "reconciler/web/web_exposition.h"

#include "lib/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 32

/* RFC 9110 12.4.2: the weight of a media type, in thousandths; -1: it is not listed. */
static int weight_of(const char *accept, const char *type)
{
	int best = -1;

	for (const char *at = accept; at && *at;
	     at += strcspn(at, ","), at += *at == ',') {
		size_t n = strcspn(at, ",");
		CLEANUP(freep) char *item = xstrndup(at, n);
		const char *q = strcasestr(item, "q=");
		char *name = item + strspn(item, " \t");
		int weight = q ? (int)(strtod(q + 2, NULL) * 1000) : 1000;

		name[strcspn(name, "; \t")] = '\0';
		if (!strcasecmp(name, type) && weight > best)
			best = weight;
	}
	return best;
}

enum web_format web_format_of(const char *accept)
{
	int open = weight_of(accept, "application/openmetrics-text");

	return open > 0 && open >= weight_of(accept, "text/plain") ? WEB_OPENMETRICS
								   : WEB_TEXT;
}

const char *web_format_content_type(enum web_format f)
{
	return f == WEB_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

static const char *type_name(const struct web_exposition *x, enum web_metric_type t)
{
	switch (t) {
	case WEB_GAUGE:
		return "gauge";
	case WEB_COUNTER:
		return "counter";
	case WEB_HISTOGRAM:
		return "histogram";
	case WEB_INFO:
		return x->format == WEB_OPENMETRICS ? "info" : "gauge";
	}
	return "";
}

/* What the name of a sample has behind that of its family. */
static const char *suffix_of(enum web_metric_type t)
{
	return t == WEB_COUNTER ? "_total" : t == WEB_INFO ? "_info" : "";
}

static void put(struct buffer *b, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buffer_puts(b, words[i]);
}
#define PUT(b, ...)                                                                      \
	put(b, (const char *const[]){__VA_ARGS__},                                       \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

void web_exposition_family(struct web_exposition *x, const struct web_metric *m)
{
	bool is_open = x->format == WEB_OPENMETRICS;
	const char *suffix = is_open ? "" : suffix_of(m->type);

	x->family = m;
	PUT(x->b, "# HELP ", m->name, suffix, " ", m->help, "\n");
	PUT(x->b, "# TYPE ", m->name, suffix, " ", type_name(x, m->type), "\n");
	if (is_open && m->unit)
		PUT(x->b, "# UNIT ", m->name, " ", m->unit, "\n");
}

static void put_escaped(struct buffer *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '"')
			buffer_putc(b, '\\');
		if (*s == '\n')
			buffer_puts(b, "\\n");
		else
			buffer_putc(b, *s);
	}
}

static void put_labels(struct buffer *b, const struct web_label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		PUT(b, i ? "," : "{", labels[i].name, "=\"");
		put_escaped(b, labels[i].value);
		buffer_putc(b, '"');
	}
	if (n)
		buffer_putc(b, '}');
}

static void put_sample(struct web_exposition *x, const char *suffix,
		       const struct web_label *labels, size_t n_labels, const char *value)
{
	PUT(x->b, x->family->name, suffix);
	put_labels(x->b, labels, n_labels);
	PUT(x->b, " ", value, "\n");
}

/* Whole numbers have a fraction too: OpenMetrics 1.0.0 wants it in `le`. */
static void write_number(char text[NUMBER_BYTES], double value)
{
	if (value == floor(value) && fabs(value) < 1e15)
		snprintf(text, NUMBER_BYTES, "%.1f", value);
	else
		snprintf(text, NUMBER_BYTES, "%.15g", value);
}

void web_exposition_sample(struct web_exposition *x, const struct web_label *labels,
			   size_t n_labels, double value)
{
	char text[NUMBER_BYTES];

	write_number(text, value);
	put_sample(x, suffix_of(x->family->type), labels, n_labels, text);
}

void web_exposition_integer(struct web_exposition *x, const struct web_label *labels,
			    size_t n_labels, uint64_t value)
{
	char text[NUMBER_BYTES];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_sample(x, suffix_of(x->family->type), labels, n_labels, text);
}

void web_exposition_histogram(struct web_exposition *x, const double *bounds,
			      const uint64_t *counts, size_t n_bounds, double sum)
{
	char number[NUMBER_BYTES], bound[NUMBER_BYTES];
	uint64_t n = 0;

	for (size_t i = 0; i <= n_bounds; i++) {
		struct web_label le = {"le", "+Inf"};

		if (i < n_bounds) {
			write_number(bound, bounds[i]);
			le.value = bound;
		}
		n += counts[i];
		snprintf(number, sizeof(number), "%" PRIu64, n);
		put_sample(x, "_bucket", &le, 1, number);
	}
	put_sample(x, "_count", NULL, 0, number);
	write_number(number, sum);
	put_sample(x, "_sum", NULL, 0, number);
}

void web_exposition_end(struct web_exposition *x)
{
	if (x->format == WEB_OPENMETRICS)
		buffer_puts(x->b, "# EOF\n");
}
