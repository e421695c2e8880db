/* Text: strict numbers, UTF-8, and the nearest of several words. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only, no sign, no space, min..max; false otherwise. */
bool text_to_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);
/* An optional '-' and decimal digits, within 64 bits; false otherwise. */
bool text_to_int(const char *text, int64_t *ret_value);

/* The one of 'words' (NULL-terminated) that 'word' most likely meant: an edit distance of
 * at most a third of its length, a case difference or a swap included. NULL if none is
 * near. Borrowed. */
const char *text_nearest(const char *word, const char *const *words);

/* True if 's' is valid UTF-8 (RFC 3629) of 'n' bytes. */
bool text_is_utf8(const char *s, size_t n);
/* How many of the 'n' bytes at the beginning are valid UTF-8. */
size_t text_utf8_prefix(const char *s, size_t n);
/* Turns 's' into one line of valid UTF-8, for a list or a log: control characters and
 * invalid bytes become '?'. */
void text_make_plain(char *s, size_t n);

#endif
