/* Lines of cells with aligned columns, and colours. */
#ifndef CTL_LAYOUT_H
#define CTL_LAYOUT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_STRONG,
	STYLE_GOOD,
	STYLE_WARNING,
	STYLE_BAD,
	STYLE_FAINT,
};

/* If the width is not limited, a cell wider than this does not widen its column. */
#define LAYOUT_MAX_WIDTH ((size_t)72)

/* How a column that is too wide for the terminal is made narrower. */
enum layout_fit {
	LAYOUT_ELIDE,       /* "…" in place of the end */
	LAYOUT_ELIDE_START, /* "…" in place of the start */
	LAYOUT_WRAP,        /* it is wrapped */
	LAYOUT_KEEP,        /* it is kept, unless all others are as narrow as possible */
	LAYOUT_DROP,        /* it is omitted */
	LAYOUT_ELIDE_DROP,  /* elided, and omitted before the others become too narrow */
};

struct layout;

/* Lines begin with 'indent' blanks; 'gap' blanks separate columns. A column that is
 * empty in all lines is omitted. */
struct layout *layout_new(size_t indent, size_t gap) __attribute__((warn_unused_result));
void layout_free(struct layout *l); /* accepts NULL */
void layout_freep(struct layout **l);

/* Limits lines to 'width' columns and wraps notes. 0, the default: any width. */
void layout_limit(struct layout *l, size_t width);
/* 'column' is below LAYOUT_MAX_FITS; later columns are elided. */
#define LAYOUT_MAX_FITS ((size_t)32)
void layout_fit(struct layout *l, size_t column, enum layout_fit fit);

/* Makes a column at least so wide, to align it with lines printed before. */
void layout_widen(struct layout *l, size_t column, size_t width);

/* Begins the next line. */
void layout_row(struct layout *l);
/* Adds a cell to the line. Copies; control characters become "?". */
void layout_cell(struct layout *l, enum style style, const char *text);
/* Adds a line that is not aligned with the columns. If it is wrapped, all of its lines
 * have this indent. */
void layout_note(struct layout *l, size_t indent, enum style style, const char *text);

/* Gives the columns of several layouts the same widths. Their indents, gaps, limits and fits
 * are equal, and nothing is added to them later. */
void layout_align(struct layout *const *layouts, size_t n);
/* The position where column number 'column' begins, with the indent; the end of the
 * line if there is no such column. */
size_t layout_offset(struct layout *l, size_t column);
void layout_print(struct layout *l, FILE *out, bool colour);

/* One text in a style. */
void layout_styled(FILE *out, bool colour, enum style style, const char *text);

#endif
