/* The memory that malloc() has given and not got back: what a test leaves behind is seen
 * without a sanitizer. Under one, whose malloc() is another, it is always 0. */
#ifndef TESTS_UNIT_HEAP_H
#define TESTS_UNIT_HEAP_H 1

#include <malloc.h>
#include <stddef.h>

static inline size_t heap_used(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

#endif
