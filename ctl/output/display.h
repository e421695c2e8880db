/* Texts on a terminal: their width, and where to cut them. Texts are UTF-8. */
#ifndef CTL_DISPLAY_H
#define CTL_DISPLAY_H 1

#include "lib/arena.h"

#include <stddef.h>

/* The columns that 'text' takes: two for a wide character, none for a combining mark. */
size_t display_width(const char *text);

/* The whole text, or the part that fits 'width' columns (at least 1) with "…" for the
 * missing end, or start. From 'a', or 'text' itself. */
const char *display_elide(struct arena *a, const char *text, size_t width);
const char *display_elide_start(struct arena *a, const char *text, size_t width);

/* The first line of 'text', wrapped to 'width' columns (at least 2) at a blank, or
 * inside a word that is longer. '*text' moves to the next line; NULL after the last.
 * From 'a'. */
const char *display_wrap(struct arena *a, const char **text, size_t width);

#endif
