/* Allocation: a failure ends the process.
 *
 * Linux overcommits, so a small allocation that fails cannot be told from the OOM
 * killer's work; code that pretends to survive it is never run and never right. What a
 * peer can make us hold is bounded by named limits instead, and everything durable is in
 * SQLite (docs/decisions/0003).
 */
#ifndef LIB_ALLOC_H
#define LIB_ALLOC_H 1

#include <stdarg.h>
#include <stddef.h>

/* All return owned memory that free() takes; none returns NULL. */
void *xmalloc(size_t size) __attribute__((malloc, warn_unused_result, returns_nonnull));
void *xcalloc(size_t n, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
void *xrealloc_array(void *old, size_t n, size_t size)
	__attribute__((warn_unused_result, returns_nonnull));
void *xmemdup(const void *data, size_t size)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, warn_unused_result, returns_nonnull));
char *xstrndup(const char *s, size_t n)
	__attribute__((malloc, warn_unused_result, returns_nonnull));
char *xasprintf(const char *format, ...)
	__attribute__((malloc, format(printf, 1, 2), warn_unused_result,
		       returns_nonnull));
char *xvasprintf(const char *format, va_list args)
	__attribute__((malloc, format(printf, 1, 0), warn_unused_result,
		       returns_nonnull));

/* Gives room for one more element in 'array' of 'n' used and '*cap' allocated elements.
 * Returns the (moved) array; doubles, so that appending costs O(1) amortised. */
void *xgrow(void *array, size_t n, size_t *cap, size_t size)
	__attribute__((warn_unused_result, returns_nonnull));

/* Call first in a long-running program: large blocks return to the kernel when they are
 * freed, so that one huge request does not keep its memory. */
void alloc_set_policy(void);
/* Returns free memory between small blocks as well. After a peak it takes some
 * milliseconds for each 100 MiB. */
void alloc_trim(void);

/* Calls 'fn(&variable)' when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands a pointer over: evaluates to it and leaves NULL behind. */
#define STEAL(p)                                                                         \
	({                                                                               \
		__typeof__(p) stolen_ = (p);                                             \
		(p) = NULL;                                                              \
		stolen_;                                                                 \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* For CLEANUP(freep) on any heap pointer. */
void freep(void *pointer_to_pointer);

#endif
