/* A scrape of many slaves: first all counters are read, a few at a time, since a family of
 * OpenMetrics has all of its samples together; then the families are written one by one. */
#include "reconciler/web/web_slaves.h"

#include "config/state.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "reconciler/statistics/counted.h"

#include <stddef.h>
#include <stdlib.h>

/* For how long one slice may block the loop, and how much is written between two looks at the
 * clock. */
#define SLICE_MS      2
#define WRITE_AT_ONCE 64
/* A piece of the answer. */
#define PIECE_BYTES 65536

static const struct family {
	struct web_metric metric;
	size_t offset; /* in struct datapath_counters */
} families[] = {
	/* The tails of node_exporter's node_network_*. */
	{{"ipvl_slave_receive_bytes", WEB_COUNTER, "bytes", "Bytes received."},
	 offsetof(struct datapath_counters, rx_bytes)},
	{{"ipvl_slave_receive_packets", WEB_COUNTER, NULL, "Packets received."},
	 offsetof(struct datapath_counters, rx_packets)},
	{{"ipvl_slave_receive_errs", WEB_COUNTER, NULL,
	  "Packets received with an error."},
	 offsetof(struct datapath_counters, rx_errors)},
	{{"ipvl_slave_receive_drop", WEB_COUNTER, NULL, "Packets received and dropped."},
	 offsetof(struct datapath_counters, rx_dropped)},
	{{"ipvl_slave_transmit_bytes", WEB_COUNTER, "bytes", "Bytes sent."},
	 offsetof(struct datapath_counters, tx_bytes)},
	{{"ipvl_slave_transmit_packets", WEB_COUNTER, NULL, "Packets sent."},
	 offsetof(struct datapath_counters, tx_packets)},
	{{"ipvl_slave_transmit_errs", WEB_COUNTER, NULL,
	  "Packets that could not be sent because of an error."},
	 offsetof(struct datapath_counters, tx_errors)},
	{{"ipvl_slave_transmit_drop", WEB_COUNTER, NULL,
	  "Packets dropped before sending."},
	 offsetof(struct datapath_counters, tx_dropped)},
};

static const struct web_metric ready = {"ipvl_slave_ready", WEB_GAUGE, NULL,
					"1 if the slave is ready or disabled, else 0."};

struct scrape {
	const struct web_source *source;
	enum web_format format;
	unsigned int *n_running;
	struct arena *a;
	struct counted_list list;
	/* What is written next: 'ready' is family number 0. */
	size_t family, row;
};

static bool is_ready(enum row_state s)
{
	return s == STATE_READY || s == STATE_DISABLED;
}

/* A device that is not there has no counters, and counters of a device made anew begin at
 * 0, which a scraper takes for a restart. */
static void write_row(const struct scrape *s, struct web_exposition *x, size_t i)
{
	const struct counted *row = &s->list.rows[i];
	const struct datapath_counters *c = &s->list.counters[i];
	const struct web_label labels[] = {
		{"master", row->master}, {"netns", c->netns}, {"slave", c->name}};

	if (!row->is_slave)
		return;
	if (!s->family)
		web_exposition_integer(x, labels, 3, is_ready(row->state));
	else if (c->is_there)
		web_exposition_integer(
			x, labels, 3,
			*(const uint64_t *)(const void *)((const char *)c +
							  families[s->family - 1]
								  .offset));
}

static bool is_written(const struct scrape *s)
{
	return s->family > ARRAY_SIZE(families);
}

static void write_slice(struct scrape *s, struct buffer *b, int64_t end_ms)
{
	struct web_exposition x = {.b = b, .format = s->format};

	while (!is_written(s) && b->n < PIECE_BYTES && clock_now_ms() < end_ms) {
		const struct web_metric *m =
			s->family ? &families[s->family - 1].metric : &ready;

		if (!s->row)
			web_exposition_family(&x, m);
		x.family = m;
		for (size_t n = 0; n < WRITE_AT_ONCE && s->row < s->list.n; n++)
			write_row(s, &x, s->row++);
		if (s->row == s->list.n) {
			s->row = 0;
			s->family++;
		}
	}
	if (is_written(s))
		web_exposition_end(&x);
}

static enum http_next more(void *aux, struct buffer *b)
{
	struct scrape *s = aux;
	int64_t end_ms = clock_now_ms() + SLICE_MS;

	if (!counted_is_over(&s->list)) {
		struct err *e =
			counted_go_on(&s->list, s->source->query->datapath, end_ms);
		CLEANUP(freep) char *text = e ? err_text(e) : NULL;

		if (!e)
			return HTTP_GO_ON;
		err_free(e);
		buffer_puts(b, text);
		buffer_putc(b, '\n');
		return HTTP_FAIL;
	}
	write_slice(s, b, end_ms);
	return is_written(s) ? HTTP_END : HTTP_GO_ON;
}

static void gone(void *aux)
{
	struct scrape *s = aux;

	--*s->n_running;
	arena_free(s->a);
	free(s);
}

struct http_source web_slaves_source(const struct web_source *source,
				     enum web_format format, unsigned int *n_running)
{
	struct scrape *s = xcalloc(1, sizeof(*s));

	s->source = source;
	s->format = format;
	s->n_running = n_running;
	++*n_running;
	s->a = arena_new();
	counted_begin(&s->list, source->query->source.columns, s->a);
	return (struct http_source){.more = more, .gone = gone, .aux = s};
}
