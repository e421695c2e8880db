/* Whole JSON texts, and streams of values that arrive in pieces. */
#include "ovsdb-lite/json/json_parse.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* LINE:COLUMN in bytes, as compilers count. */
static struct err *with_position(struct err *e, const char *text, size_t offset)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return err_at(e, "%zu:%zu", line, column);
}

struct err *json_parse(const char *text, size_t n, struct json_object **ret_value)
{
	struct json_scan *scan = json_scan_new(JSON_MAX_BYTES);
	size_t used = 0, behind;
	bool is_complete = false;
	struct err *e = json_scan_feed(scan, text, n, &used, &is_complete);

	/* White space ends a number and nothing else. */
	if (!e && !is_complete)
		e = json_scan_feed(scan, "\n", 1, &behind, &is_complete);
	if (!e && !is_complete)
		e = json_scan_ends_early(scan);
	if (!e) {
		while (used < n && text[used] && strchr(" \t\r\n", text[used]))
			used++;
		if (used < n)
			e = err_new(ERR_SYNTAX,
				    "not valid JSON: something follows the value");
	}
	if (e)
		e = with_position(e, text, used);
	else
		*ret_value = json_scan_take(scan);
	json_scan_free(scan);
	return e;
}

struct json_stream {
	struct json_scan *scan;
	bool is_dead;
};

struct json_stream *json_stream_new(size_t max_message_bytes)
{
	struct json_stream *s = xcalloc(1, sizeof(*s));

	s->scan = json_scan_new(max_message_bytes);
	return s;
}

void json_stream_free(struct json_stream *s)
{
	if (!s)
		return;
	json_scan_free(s->scan);
	free(s);
}

void json_stream_limit_tree(struct json_stream *s, size_t max_tree_bytes)
{
	json_scan_limit_tree(s->scan, max_tree_bytes);
}

size_t json_stream_tree_bytes(const struct json_stream *s)
{
	return json_scan_tree_bytes(s->scan);
}

size_t json_stream_partial_bytes(const struct json_stream *s)
{
	return json_scan_partial_bytes(s->scan);
}

struct err *json_stream_feed(struct json_stream *s, const char *data, size_t n,
			     size_t *ret_used, struct json_object **ret_value)
{
	bool is_complete;
	struct err *e;
	size_t used;

	assert(!s->is_dead);
	e = json_scan_feed(s->scan, data, n, &used, &is_complete);
	if (e) {
		s->is_dead = true;
		return e;
	}
	*ret_used = used;
	*ret_value = NULL;
	if (is_complete)
		*ret_value = json_scan_take(s->scan);
	return NULL;
}
