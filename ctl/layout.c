/* Alignment and colours of everything that is shown in columns: writer.c's tables,
 * show.c, diff.c, drift. Colours are SGR sequences (ECMA-48 8.3.117), which every
 * terminal has. */
#include "ctl/layout.h"

#include "lib/alloc.h"
#include "lib/arena.h"

#include <string.h>

struct cell {
	enum style style;
	const char *text;
	size_t width;
};

struct line {
	bool is_note;
	size_t indent; /* of a note */
	struct cell *cells;
	size_t n_cells, cells_cap;
};

struct layout {
	struct arena *arena;
	size_t indent, gap;
	struct line *lines;
	size_t n_lines, lines_cap;
	size_t *widths; /* of each column; 0: left out */
	size_t n_columns;
	bool measured;
};

struct layout *layout_new(size_t indent, size_t gap)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	l->arena = arena_new();
	l->indent = indent;
	l->gap = gap;
	return l;
}

void layout_free(struct layout *l)
{
	if (!l)
		return;
	arena_free(l->arena);
	freep(&l);
}

void layout_freep(struct layout **l)
{
	layout_free(*l);
	*l = NULL;
}

size_t layout_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* What others wrote into the database must not steer the terminal. */
static char *printable(struct arena *a, const char *text, bool keep_newlines)
{
	char *copy = arena_strdup(a, text);

	for (char *p = copy; *p; p++) {
		bool is_control = (unsigned char)*p < 0x20 || *p == 0x7f;

		if (is_control && !(keep_newlines && *p == '\n'))
			*p = '?';
	}
	return copy;
}

static struct line *add_line(struct layout *l)
{
	struct line *line;

	l->lines = arena_grow(l->arena, l->lines, l->n_lines, &l->lines_cap,
			      sizeof(*l->lines));
	line = &l->lines[l->n_lines++];
	*line = (struct line){0};
	l->measured = false;
	return line;
}

void layout_row(struct layout *l)
{
	add_line(l);
}

static void add_cell(struct layout *l, struct line *line, enum style style,
		     const char *text)
{
	line->cells = arena_grow(l->arena, line->cells, line->n_cells, &line->cells_cap,
				 sizeof(*line->cells));
	line->cells[line->n_cells++] =
		(struct cell){.style = style, .text = text, .width = layout_width(text)};
}

void layout_cell(struct layout *l, enum style style, const char *text)
{
	add_cell(l, &l->lines[l->n_lines - 1], style, printable(l->arena, text, false));
}

void layout_note(struct layout *l, size_t indent, enum style style, const char *text)
{
	char *copy = printable(l->arena, text, true), *line;

	while ((line = strsep(&copy, "\n"))) {
		struct line *note = add_line(l);

		note->is_note = true;
		note->indent = indent;
		add_cell(l, note, style, line);
	}
}

static void measure(struct layout *l)
{
	size_t n = 0;

	if (l->measured)
		return;
	for (size_t i = 0; i < l->n_lines; i++) {
		if (!l->lines[i].is_note && l->lines[i].n_cells > n)
			n = l->lines[i].n_cells;
	}
	l->n_columns = n;
	l->widths = arena_array(l->arena, n ? n : 1, sizeof(*l->widths));
	for (size_t i = 0; i < l->n_lines; i++) {
		const struct line *line = &l->lines[i];

		for (size_t k = 0; !line->is_note && k < line->n_cells; k++) {
			size_t width = line->cells[k].width;

			if (width > LAYOUT_MAX_WIDTH)
				width = LAYOUT_MAX_WIDTH;
			if (width > l->widths[k])
				l->widths[k] = width;
		}
	}
	l->measured = true;
}

size_t layout_offset(struct layout *l, size_t column)
{
	size_t offset = l->indent;

	measure(l);
	for (size_t i = 0; i < column && i < l->n_columns; i++)
		offset += l->widths[i] ? l->widths[i] + l->gap : 0;
	return offset;
}

void layout_styled(FILE *out, bool colour, enum style style, const char *text)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "",     [STYLE_STRONG] = "1", [STYLE_GOOD] = "32",
		[STYLE_WARNING] = "33", [STYLE_BAD] = "31",   [STYLE_FAINT] = "2",
	};

	if (colour && *codes[style] && *text)
		fprintf(out, "\033[%sm%s\033[0m", codes[style], text);
	else
		fputs(text, out);
}

/* Blanks are owed until something follows them: no line ends in white space. */
static void print_cells(const struct layout *l, const struct line *line, FILE *out,
			bool colour)
{
	size_t at = 0, column_start = l->indent;

	for (size_t k = 0; k < line->n_cells; k++) {
		const struct cell *cell = &line->cells[k];

		if (!l->widths[k])
			continue;
		if (cell->width) {
			/* Past a cell that was too wide, a gap at least. */
			size_t start = at && column_start < at + l->gap ? at + l->gap
									: column_start;

			fprintf(out, "%*s", (int)(start - at), "");
			layout_styled(out, colour, cell->style, cell->text);
			at = start + cell->width;
		}
		column_start += l->widths[k] + l->gap;
	}
}

void layout_print(struct layout *l, FILE *out, bool colour)
{
	measure(l);
	for (size_t i = 0; i < l->n_lines; i++) {
		const struct line *line = &l->lines[i];

		if (line->is_note) {
			fprintf(out, "%*s", (int)line->indent, "");
			layout_styled(out, colour, line->cells[0].style,
				      line->cells[0].text);
		} else {
			print_cells(l, line, out, colour);
		}
		fputc('\n', out);
	}
}
