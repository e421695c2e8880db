/* JSON values and data as text. Beside it: json.c, which has the trees; datum_json.c,
 * which makes trees of data. */
#include "ovsdb-lite/json_write.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"

#include <inttypes.h>
#include <stdio.h>

void json_write(struct buffer *b, const struct json_object *v)
{
	CLEANUP(freep) char *text = json_text(v);

	buffer_puts(b, text);
}

static void write_and_free(struct buffer *b, struct json_object *v)
{
	json_write(b, v);
	json_free(v);
}

void json_write_string(struct buffer *b, const char *s)
{
	write_and_free(b, json_string(s));
}

void json_write_integer(struct buffer *b, int64_t i)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%" PRId64, i);

	buffer_put(b, text, (size_t)n);
}

void json_write_real(struct buffer *b, double d)
{
	write_and_free(b, json_real(d));
}

void json_write_uuid(struct buffer *b, const struct uuid *u)
{
	char text[UUID_TEXT_BYTES];

	buffer_puts(b, "[\"uuid\",\"");
	buffer_puts(b, uuid_format(u, text));
	buffer_puts(b, "\"]");
}

void json_write_datum(struct buffer *b, const struct datum *d,
		      const struct column_type *t)
{
	write_and_free(b, datum_to_json(d, t));
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
