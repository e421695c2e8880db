/* The text of requests to a server that serves bench.ovsschema. Beside it: load.c sends
 * them. */
#include "tests/bench/requests.h"

#include "lib/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* splitmix64 (prng.di.unimi.it): the same rows for every server. */
static uint64_t scatter(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

__attribute__((format(printf, 2, 3))) static void put(struct buffer *b,
						      const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	buffer_puts(b, text);
	free(text);
}

static void put_uuid(struct buffer *b, uint64_t row)
{
	uint64_t high = scatter(2 * row), low = scatter(2 * row + 1);

	put(b,
	    "\"%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64
	    "\"",
	    high >> 32, high >> 16 & 0xffff, high & 0xfff, low >> 48 & 0xfff,
	    low & 0xffffffffffff);
}

void request_begin(struct buffer *b)
{
	b->n = 0;
	put(b, "{\"id\":1,\"method\":\"transact\",\"params\":[\"Bench\"");
}

void request_end(struct buffer *b, bool is_durable)
{
	if (is_durable)
		put(b, ",{\"op\":\"commit\",\"durable\":true}");
	put(b, "]}");
}

void request_put_insert(struct buffer *b, uint64_t i)
{
	put(b, ",{\"op\":\"insert\",\"table\":\"Port\",\"uuid\":");
	put_uuid(b, i);
	put(b,
	    ",\"row\":{\"name\":\"port%06" PRIu64
	    "\",\"kind\":\"access\",\"enabled\":true,"
	    "\"addresses\":[\"set\",[\"10.%u.%u.%u/8\",\"2001:db8::%" PRIx64 "/64\"]],"
	    "\"external_ids\":[\"map\",[[\"owner\",\"tenant-%" PRIu64
	    "\"],[\"rack\",\"r%" PRIu64 "\"]]]",
	    i, (unsigned int)(i >> 16 & 255), (unsigned int)(i >> 8 & 255),
	    (unsigned int)(i & 255), i, i % 100, i % 40);
	if (i % 2)
		put(b, ",\"mtu\":1500");
	put(b, "}}");
}

/* Different in each run. */
static uint64_t first_value(void)
{
	static uint64_t value;
	struct timespec t;

	if (!value) {
		clock_gettime(CLOCK_REALTIME, &t);
		value = (uint64_t)t.tv_sec % 1000000 * 1000000000 + (uint64_t)t.tv_nsec;
	}
	return value;
}

void request_update(struct buffer *b, uint64_t number, uint64_t n_rows, bool is_durable)
{
	uint64_t value = first_value() + number;

	request_begin(b);
	put(b, ",{\"op\":\"update\",\"table\":\"Port\",\"where\":[[\"_uuid\",\"==\",["
	       "\"uuid\",");
	put_uuid(b, scatter(number) % n_rows);
	put(b,
	    "]]],\"row\":{\"counter\":%" PRIu64 ",\"message\":\"update %" PRIu64 "\"}}",
	    value, value);
	request_end(b, is_durable);
}

void request_select(struct buffer *b, uint64_t number, uint64_t n_rows)
{
	request_begin(b);
	put(b,
	    ",{\"op\":\"select\",\"table\":\"Port\","
	    "\"where\":[[\"name\",\"==\",\"port%06" PRIu64 "\"]]}",
	    scatter(number) % n_rows);
	request_end(b, false);
}

void request_monitor(struct buffer *b)
{
	b->n = 0;
	buffer_puts(
		b,
		"{\"id\":1,\"method\":\"monitor_cond\",\"params\":[\"Bench\",\"bench\","
		"{\"Port\":[{\"columns\":[\"name\",\"kind\",\"enabled\",\"mtu\","
		"\"addresses\",\"external_ids\",\"message\",\"counter\"]}]}]}");
}
