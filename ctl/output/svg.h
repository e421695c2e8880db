/* Elements of SVG 1.1, with a class each in place of colours. Coordinates are pixels. */
#ifndef CTL_SVG_H
#define CTL_SVG_H 1

#include <stdio.h>

/* A text as content or attribute: what XML 1.0 cannot contain becomes "?". */
void svg_escaped(FILE *out, const char *text);

/* Begins the document, whose title and description are for those who cannot see it. The
 * style sheet has every class (static text). */
void svg_begin(FILE *out, size_t width, size_t height, const char *title,
	       const char *description, const char *style_sheet);
void svg_end(FILE *out);

/* Begins a group with a title, which browsers show as a tooltip. */
void svg_group(FILE *out, const char *title);
void svg_group_end(FILE *out);

void svg_text(FILE *out, size_t x, size_t y, const char *class, const char *text);
void svg_rect(FILE *out, size_t x, size_t y, size_t width, size_t height, size_t radius,
	      const char *class);
void svg_line(FILE *out, size_t x1, size_t y1, size_t x2, size_t y2, const char *class);
void svg_dot(FILE *out, size_t x, size_t y, size_t radius, const char *class);

#endif
