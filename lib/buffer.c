/* A growing array of bytes, with a NUL behind the last one. */
#include "lib/buffer.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

#define MIN_CAP 64

void buffer_clear(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}

void buffer_clearp(struct buffer *b)
{
	buffer_clear(b);
}

char *buffer_reserve(struct buffer *b, size_t n)
{
	size_t cap = b->cap ? b->cap : MIN_CAP;

	if (n < b->cap - b->n) /* one byte stays for the NUL */
		return b->data + b->n;
	while (cap - b->n <= n)
		cap *= 2;
	b->data = xrealloc_array(b->data, cap, 1);
	b->cap = cap;
	return b->data + b->n;
}

void buffer_put(struct buffer *b, const char *data, size_t n)
{
	memcpy(buffer_reserve(b, n), data, n);
	b->n += n;
	b->data[b->n] = '\0';
}

void buffer_puts(struct buffer *b, const char *text)
{
	buffer_put(b, text, strlen(text));
}

void buffer_putc(struct buffer *b, char c)
{
	buffer_put(b, &c, 1);
}

char *buffer_take(struct buffer *b)
{
	char *text = b->data ? b->data : xstrdup("");

	*b = (struct buffer){0};
	return text;
}
