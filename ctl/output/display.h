/* Texts on a terminal: how wide they are, and where they may be cut. Texts are UTF-8. */
#ifndef CTL_DISPLAY_H
#define CTL_DISPLAY_H 1

#include "lib/arena.h"

#include <stddef.h>

/* Columns that 'text' takes: two for a wide character, none for a combining one. */
size_t display_width(const char *text);

/* The same text, or as much of it as fits 'width' columns (at least 1) with "…" in place
 * of its end, or of its start. From 'a', or 'text' itself. */
const char *display_elide(struct arena *a, const char *text, size_t width);
const char *display_elide_start(struct arena *a, const char *text, size_t width);

/* The first line of 'text' if lines take 'width' columns at most (at least 2), broken at
 * a blank, or inside a word that is longer. '*text' moves to the next line; NULL after
 * the last. From 'a'. */
const char *display_wrap(struct arena *a, const char **text, size_t width);

#endif
