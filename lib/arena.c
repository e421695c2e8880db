/* A bump allocator over chunks that double in size up to CHUNK_MAX_BYTES. Single
 * pieces are not freed. */
#include "lib/arena.h"

#include "lib/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN_BYTES ((size_t)4096)
#define CHUNK_MAX_BYTES ((size_t)1 << 20)

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the one in use first */
};

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	while (a->chunks) {
		struct chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

void arena_freep(struct arena **a)
{
	arena_free(*a);
	*a = NULL;
}

static struct chunk *add_chunk(struct arena *a, size_t size)
{
	size_t want = a->chunks ? a->chunks->size * 2 : CHUNK_MIN_BYTES;
	struct chunk *c;

	if (want > CHUNK_MAX_BYTES)
		want = CHUNK_MAX_BYTES;
	if (want < size)
		want = size;
	c = xcalloc(1, sizeof(*c) + want);
	c->size = want;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t rounded =
		(size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	struct chunk *c = a->chunks;
	void *p;

	/* Rounded, or with a chunk's head, it must not wrap around. */
	if (size > PTRDIFF_MAX)
		abort();
	if (!c || c->size - c->used < rounded)
		c = add_chunk(a, rounded);
	p = c->data + c->used;
	c->used += rounded;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		abort();
	return arena_alloc(a, bytes);
}

void *arena_memdup(struct arena *a, const void *data, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
	char *text = xvasprintf(format, args);
	char *s = arena_strdup(a, text);

	free(text);
	return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = arena_vprintf(a, format, args);
	va_end(args);
	return s;
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
	void *moved;

	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 8;
	moved = arena_array(a, *cap, size);
	if (n)
		memcpy(moved, array, n * size);
	return moved;
}
