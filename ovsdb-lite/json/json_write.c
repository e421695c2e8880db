/* JSON as text: values, and parts without values in between. */
#include "ovsdb-lite/json/json_write.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json_number.h"
#include "ovsdb-lite/json/json_private.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* RFC 8259 7: the two-character escape of 'c', 'u' if it needs the long one, 0 if none.
 */
static char escape_of(char c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	}
	return (unsigned char)c < 0x20 ? 'u' : 0;
}

static void write_escaped(struct buffer *b, const char *s)
{
	while (*s) {
		const char *from = s;
		char escape = 0, text[8];

		while (*s && !(escape = escape_of(*s)))
			s++;
		buffer_put(b, from, (size_t)(s - from));
		if (!escape)
			return;
		if (escape == 'u')
			snprintf(text, sizeof(text), "\\u%04x", (unsigned int)*s);
		else
			snprintf(text, sizeof(text), "\\%c", escape);
		buffer_puts(b, text);
		s++;
	}
}

void json_write_string(struct buffer *b, const char *s)
{
	size_t n = 0;
	char *to;

	while (s[n] && !escape_of(s[n]))
		n++;
	/* Hardly any string has something to escape. */
	to = buffer_reserve(b, n + 2);
	*to++ = '"';
	memcpy(to, s, n);
	b->n += n + 1;
	write_escaped(b, s + n);
	buffer_putc(b, '"');
}

void json_write_integer(struct buffer *b, int64_t i)
{
	char text[24], *from = text + sizeof(text);
	uint64_t left = i < 0 ? -(uint64_t)i : (uint64_t)i;

	do {
		*--from = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (i < 0)
		*--from = '-';
	buffer_put(b, from, (size_t)(text + sizeof(text) - from));
}

void json_write_real(struct buffer *b, double d)
{
	char text[JSON_NUMBER_BYTES];
	int64_t integer;

	assert(isfinite(d));
	if (json_number_format(d, &integer, text) == JSON_NUMBER_INTEGER)
		json_write_integer(b, integer);
	else
		buffer_puts(b, text);
}

void json_write_comma(struct buffer *b)
{
	if (b->n && b->data[b->n - 1] != '{' && b->data[b->n - 1] != '[')
		buffer_putc(b, ',');
}

void json_write_name(struct buffer *b, const char *name)
{
	json_write_comma(b);
	json_write_string(b, name);
	buffer_putc(b, ':');
}

/* 'indent' is how deep a line begins; -1: all is one line. */
static void write_value(struct buffer *b, const struct json_object *v, int indent);

static void new_line(struct buffer *b, int indent)
{
	if (indent < 0)
		return;
	buffer_putc(b, '\n');
	for (int i = 0; i < indent; i++)
		buffer_puts(b, "  ");
}

static void write_items(struct buffer *b, const struct json_object *v, int indent)
{
	int inner = indent < 0 ? indent : indent + 1;
	bool is_object = v->kind == JSON_OBJECT;
	struct json_object *const *item = json_container_of(v)->items;

	buffer_putc(b, is_object ? '{' : '[');
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			buffer_putc(b, ',');
		new_line(b, inner);
		if (is_object) {
			json_write_string(b, json_get_string(*item++));
			buffer_puts(b, indent < 0 ? ":" : ": ");
		}
		write_value(b, *item++, inner);
	}
	if (v->n)
		new_line(b, indent);
	buffer_putc(b, is_object ? '}' : ']');
}

static void write_value(struct buffer *b, const struct json_object *v, int indent)
{
	switch (json_kind(v)) {
	case JSON_NULL:
		buffer_puts(b, "null");
		break;
	case JSON_BOOLEAN:
		buffer_puts(b, json_get_boolean(v) ? "true" : "false");
		break;
	case JSON_INTEGER:
		json_write_integer(b, json_get_integer(v));
		break;
	case JSON_REAL:
		buffer_put(b, ((const struct json_real *)(const void *)v)->text, v->n);
		break;
	case JSON_STRING:
		json_write_string(b, json_get_string(v));
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		write_items(b, v, indent);
		break;
	}
}

void json_write(struct buffer *b, const struct json_object *v)
{
	write_value(b, v, -1);
}

char *json_text(const struct json_object *v)
{
	struct buffer b = {0};

	json_write(&b, v);
	return buffer_take(&b);
}

char *json_text_pretty(const struct json_object *v)
{
	struct buffer b = {0};

	write_value(&b, v, 0);
	buffer_putc(&b, '\n');
	return buffer_take(&b);
}
