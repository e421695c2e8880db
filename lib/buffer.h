/* A growing array of bytes: for texts that are built piece by piece. */
#ifndef LIB_BUFFER_H
#define LIB_BUFFER_H 1

#include <stddef.h>

/* All bytes zero: empty. */
struct buffer {
	char *data; /* 'n' bytes and, once there are any, a NUL behind them; owned */
	size_t n, cap;
};

void buffer_clear(struct buffer *b);  /* frees; the buffer is empty and usable after it */
void buffer_clearp(struct buffer *b); /* the same, for CLEANUP */
void buffer_put(struct buffer *b, const char *data, size_t n);
void buffer_puts(struct buffer *b, const char *text);
void buffer_putc(struct buffer *b, char c);
/* Reserves 'n' bytes at data + n. The caller writes there and then adds to 'n'. */
char *buffer_reserve(struct buffer *b, size_t n);
/* The text, "" if empty, owned by the caller; the buffer is empty after it. */
char *buffer_take(struct buffer *b) __attribute__((warn_unused_result, returns_nonnull));

#endif
