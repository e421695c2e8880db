/* Lines of cells whose columns line up, and colours. Knows nothing of what it shows. */
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

/* Without a limit of the whole, a cell wider than that does not push the columns of other
 * lines to the right. */
#define LAYOUT_MAX_WIDTH ((size_t)72)

/* What becomes of a column that is too wide for the terminal. */
enum layout_fit {
	LAYOUT_ELIDE,       /* "…" in place of the end */
	LAYOUT_ELIDE_START, /* … of the start */
	LAYOUT_WRAP,        /* more lines */
	LAYOUT_KEEP,        /* nothing, unless all others are as narrow as can be */
	LAYOUT_DROP,        /* it is left out */
};

struct layout;

/* Lines begin with 'indent' blanks; 'gap' blanks stand between columns. A column that is
 * empty in all lines is left out. */
struct layout *layout_new(size_t indent, size_t gap) __attribute__((warn_unused_result));
void layout_free(struct layout *l); /* accepts NULL */
void layout_freep(struct layout **l);

/* No line is wider than 'width' columns; notes are wrapped. 0, as at first: any width. */
void layout_limit(struct layout *l, size_t width);
/* 'column' is below LAYOUT_MAX_FITS; those behind are elided. */
#define LAYOUT_MAX_FITS ((size_t)32)
void layout_fit(struct layout *l, size_t column, enum layout_fit fit);

/* The next line. */
void layout_row(struct layout *l);
/* Its next cell. Copies; control characters become "?". */
void layout_cell(struct layout *l, enum style style, const char *text);
/* A line of its own that takes no part in the alignment. Its own lines, those that it is
 * wrapped into included, are indented alike. */
void layout_note(struct layout *l, size_t indent, enum style style, const char *text);

/* Where column number 'column' begins, indent included; where the line ends if there is
 * none. */
size_t layout_offset(struct layout *l, size_t column);
void layout_print(struct layout *l, FILE *out, bool colour);

/* One text in a style. */
void layout_styled(FILE *out, bool colour, enum style style, const char *text);

#endif
