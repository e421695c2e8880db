/* Short JSON values as keys: the text of json_write.c, but with the members of an object
 * sorted by name. */
#include "ovsdb-lite/json/json_key.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_write.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool write_key(struct buffer *b, const struct json_object *v, size_t max);

static int member_cmp(const void *a, const void *b)
{
	const struct json_iter *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The members of 'o' by name. Owned by the caller. */
static struct json_iter *sort_members(const struct json_object *o)
{
	struct json_iter *members = xcalloc(json_get_length(o) + 1, sizeof(*members));
	size_t n = 0;

	for (struct json_iter i = json_iter_begin(o); json_iter_next(&i);)
		members[n++] = i;
	qsort(members, n, sizeof(*members), member_cmp);
	return members;
}

static bool write_object(struct buffer *b, const struct json_object *o, size_t max)
{
	CLEANUP(freep) struct json_iter *members = NULL;
	bool fits = json_get_length(o) <= max;

	if (!fits)
		return false;
	members = sort_members(o);
	buffer_putc(b, '{');
	for (size_t i = 0; fits && i < json_get_length(o); i++) {
		fits = b->n + strlen(members[i].name) <= max;
		if (!fits)
			break;
		json_write_name(b, members[i].name);
		fits = write_key(b, members[i].value, max);
	}
	buffer_putc(b, '}');
	return fits;
}

static bool write_array(struct buffer *b, const struct json_object *a, size_t max)
{
	bool fits = json_get_length(a) <= max;

	buffer_putc(b, '[');
	for (size_t i = 0; fits && i < json_get_length(a); i++) {
		json_write_comma(b);
		fits = write_key(b, json_at(a, i), max);
	}
	buffer_putc(b, ']');
	return fits;
}

static bool write_key(struct buffer *b, const struct json_object *v, size_t max)
{
	enum json_kind kind = json_kind(v);
	bool fits = b->n <= max;

	if (!fits)
		return false;
	if (kind == JSON_OBJECT)
		fits = write_object(b, v, max);
	else if (kind == JSON_ARRAY)
		fits = write_array(b, v, max);
	else if (kind == JSON_STRING && json_get_length(v) > max)
		fits = false;
	else
		json_write(b, v);
	return fits && b->n <= max;
}

char *json_key(const struct json_object *v, size_t max_bytes)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};

	return write_key(&b, v, max_bytes) ? buffer_take(&b) : NULL;
}
