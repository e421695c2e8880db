/* Allocation that does not fail. Beside it: arena.c, for what lives as long as one pass.
 */
#include "lib/alloc.h"

#include <stdint.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *p)
{
	if (p)
		return p;
	/* No log, no error object: both allocate. */
	fputs("<2>event=out_of_memory\n", stderr);
	abort();
}

void *xmalloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return check(n && size ? calloc(n, size) : calloc(1, 1));
}

void *xrealloc_array(void *old, size_t n, size_t size)
{
	return check(n && size ? reallocarray(old, n, size) : realloc(old, 1));
}

void *xmemdup(const void *data, size_t size)
{
	void *copy = xmalloc(size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return check(strndup(s, n));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvasprintf(format, args);
	va_end(args);
	return s;
}

char *xvasprintf(const char *format, va_list args)
{
	char *s;

	return check(vasprintf(&s, format, args) < 0 ? NULL : s);
}

void *xgrow(void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 8;
	return xrealloc_array(array, *cap, size);
}

void freep(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;

	free(*p);
	*p = NULL;
}

/* mallopt(3): left alone, glibc takes the size of the largest block freed so far, up to
 * 32 MiB, for what is worth giving back. */
void alloc_set_policy(void)
{
#ifdef __GLIBC__
	enum { LARGE_BYTES = 256 * 1024 };

	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
	/* Small pieces join their neighbours when they are freed. Kept apart, the hundred
	 * thousand of a parsed message are joined in one go, within the next larger
	 * allocation: a quarter of the time that such a message takes. */
	mallopt(M_MXFAST, 0);
#endif
}

void alloc_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
