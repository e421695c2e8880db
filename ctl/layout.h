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

/* A cell wider than that does not push the columns of other lines to the right. */
#define LAYOUT_MAX_WIDTH ((size_t)72)

struct layout;

/* Lines begin with 'indent' blanks; 'gap' blanks stand between columns. A column that is
 * empty in all lines is left out. */
struct layout *layout_new(size_t indent, size_t gap) __attribute__((warn_unused_result));
void layout_free(struct layout *l); /* accepts NULL */
void layout_freep(struct layout **l);

/* The next line. */
void layout_row(struct layout *l);
/* Its next cell. Copies; control characters become "?". */
void layout_cell(struct layout *l, enum style style, const char *text);
/* A line of its own that takes no part in the alignment. Its own lines are indented
 * alike. */
void layout_note(struct layout *l, size_t indent, enum style style, const char *text);

/* Where column number 'column' begins, indent included; where the line ends if there is
 * none. */
size_t layout_offset(struct layout *l, size_t column);
void layout_print(struct layout *l, FILE *out, bool colour);

/* One text in a style. */
void layout_styled(FILE *out, bool colour, enum style style, const char *text);
/* Columns that a UTF-8 text takes: one for each character. */
size_t layout_width(const char *text);

#endif
