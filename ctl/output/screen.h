/* A picture on a terminal that is drawn again and again, with the changed lines marked. */
#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen;

/* The columns before each line: "* " for one that has changed. */
#define SCREEN_MARGIN ((size_t)2)

/* True if standard output is a terminal that can be drawn on. */
bool screen_is_possible(void);
/* Takes the terminal's other page (DECSET 1049), so that nothing of the pictures stays. */
struct screen *screen_open(FILE *out, bool colour) __attribute__((warn_unused_result));
/* Gives it back, and prints the last picture as it was. Accepts NULL. */
void screen_close(struct screen *s);

/* The columns of a picture, from the terminal's size at present. */
size_t screen_width(const struct screen *s);
/* Draws 'text', whole lines of at most screen_width() columns; what does not fit below is
 * counted. With 'is_changed', lines that the picture before did not have are marked until
 * the next change. */
void screen_draw(struct screen *s, const char *text, bool is_changed);
/* Replaces the line above the picture until the next one. */
void screen_title(struct screen *s, const char *text);

#endif
