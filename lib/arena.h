/* An arena: many small allocations with one life, freed together. A pass of the
 * reconciler or a request owns one. Not for what outlives its pass. */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H 1

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void) __attribute__((warn_unused_result));
/* Frees everything taken from 'a'. Accepts NULL. */
void arena_free(struct arena *a);
void arena_freep(struct arena **a); /* for CLEANUP */

/* Zeroed memory, aligned for any type, borrowed from 'a'. Never NULL. */
void *arena_alloc(struct arena *a, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
/* The same for 'n' elements of 'size' bytes; aborts where the product overflows. */
void *arena_array(struct arena *a, size_t n, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
void *arena_memdup(struct arena *a, const void *data, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
char *arena_strdup(struct arena *a, const char *s)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((malloc, format(printf, 2, 3), warn_unused_result,
		       returns_nonnull));
char *arena_vprintf(struct arena *a, const char *format, va_list args)
	__attribute__((malloc, format(printf, 2, 0), warn_unused_result,
		       returns_nonnull));

/* xgrow() inside an arena: the old array stays allocated until the arena goes. */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
	__attribute__((warn_unused_result, returns_nonnull));

#endif
