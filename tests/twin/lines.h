/* Texts as sets of lines. */
#ifndef TESTS_TWIN_LINES_H
#define TESTS_TWIN_LINES_H 1

#include "lib/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char **lines;
	size_t n, cap;
};

/* Takes "a\nb\n" apart, with the empty lines at the end left out. From 'a'. */
struct lines lines_of(struct arena *a, const char *text);
/* Each line with a newline. From 'a'. */
const char *lines_text(struct arena *a, const struct lines *l);

/* In the order of bytes. */
void lines_sort(struct lines *l);

/* On the heap, to be freed by lines_clear(). */
void lines_add(struct lines *l, const char *line);
bool lines_have(const struct lines *l, const char *line);
void lines_clear(struct lines *l);

/* The difference, from 'a': each line of 'expected' that is not found with '-', each
 * line found that is not expected with '+', others with ' '. "" if there is none. */
const char *lines_diff(struct arena *a, const char *expected, const char *found);

#endif
