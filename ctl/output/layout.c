/* Aligns cells in columns, colours them, and fits them to the width of a terminal.
 * Colours are SGR sequences (ECMA-48 8.3.117), which every terminal has. */
#include "ctl/output/layout.h"

#include "ctl/output/display.h"
#include "lib/alloc.h"
#include "lib/arena.h"

#include <assert.h>
#include <string.h>

/* The narrowest width of a column when shrinking, and the narrowest at all. */
#define WIDTH_MIN      ((size_t)10)
#define WIDTH_MIN_WRAP ((size_t)18)
#define WIDTH_MIN_LAST ((size_t)4)

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
	size_t *words;  /* of each column, its widest word: it is cut only if necessary */
	size_t n_columns;
	size_t limit; /* 0: none */
	enum layout_fit fits[LAYOUT_MAX_FITS];
	size_t min_widths[LAYOUT_MAX_FITS];
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

void layout_limit(struct layout *l, size_t width)
{
	l->limit = width;
}

void layout_fit(struct layout *l, size_t column, enum layout_fit fit)
{
	assert(column < LAYOUT_MAX_FITS);
	l->fits[column] = fit;
}

void layout_widen(struct layout *l, size_t column, size_t width)
{
	assert(column < LAYOUT_MAX_FITS);
	l->min_widths[column] = width;
}

/* Text from the database must not control the terminal. */
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
		(struct cell){.style = style, .text = text, .width = display_width(text)};
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

static enum layout_fit fit_of(const struct layout *l, size_t column)
{
	return column < LAYOUT_MAX_FITS ? l->fits[column] : LAYOUT_ELIDE;
}

static size_t total_width(const struct layout *l)
{
	size_t total = l->indent, gap = 0;

	for (size_t i = 0; i < l->n_columns; i++) {
		if (!l->widths[i])
			continue;
		total += gap + l->widths[i];
		gap = l->gap;
	}
	return total;
}

/* Counts bytes: wide characters are rarer than long words. */
static size_t widest_word(const char *text)
{
	size_t widest = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		widest = n > widest ? n : widest;
		text += n + strspn(text + n, " ");
	}
	return widest;
}

/* The widest column of this fit that is wider than 'min', or n_columns. With
 * 'is_by_words', no column is shrunk below its widest word. */
static size_t widest(const struct layout *l, unsigned int fits, size_t min,
		     bool is_by_words)
{
	size_t found = l->n_columns;

	for (size_t i = 0; i < l->n_columns; i++) {
		if (fits & 1u << fit_of(l, i) && l->widths[i] > min &&
		    (!is_by_words || l->widths[i] > l->words[i]) &&
		    (found == l->n_columns || l->widths[i] > l->widths[found]))
			found = i;
	}
	return found;
}

/* The last ones first. */
static void drop_columns(struct layout *l, enum layout_fit fit)
{
	for (size_t i = l->n_columns; i > 0 && total_width(l) > l->limit; i--) {
		if (fit_of(l, i - 1) == fit)
			l->widths[i - 1] = 0;
	}
}

/* The widest column of these fits is shrunk, again and again, to 'min'. */
static void shrink_fits(struct layout *l, unsigned int fits, size_t min, bool is_by_words)
{
	size_t total = total_width(l), column;

	while (total > l->limit &&
	       (column = widest(l, fits, min, is_by_words)) < l->n_columns) {
		l->widths[column]--;
		total--;
	}
}

/* Columns that lose nothing are shrunk first. */
static void shrink(struct layout *l)
{
	const unsigned int wrapped = 1u << LAYOUT_WRAP;
	const unsigned int elided =
		1u << LAYOUT_ELIDE | 1u << LAYOUT_ELIDE_START | 1u << LAYOUT_ELIDE_DROP;

	drop_columns(l, LAYOUT_DROP);
	shrink_fits(l, wrapped, WIDTH_MIN_WRAP, true);
	shrink_fits(l, 1u << LAYOUT_ELIDE_DROP, WIDTH_MIN, false);
	drop_columns(l, LAYOUT_ELIDE_DROP);
	shrink_fits(l, wrapped | elided, WIDTH_MIN, false);
	shrink_fits(l, ~0u, WIDTH_MIN_LAST, false);
}

/* The width of each column, and of its widest word, as the cells are. 'n' is the number of
 * columns. */
static void measure_cells(struct layout *l, size_t n)
{
	l->n_columns = n;
	l->widths = arena_array(l->arena, n ? n : 1, sizeof(*l->widths));
	l->words = arena_array(l->arena, n ? n : 1, sizeof(*l->words));
	for (size_t k = 0; k < n && k < LAYOUT_MAX_FITS; k++)
		l->widths[k] = l->min_widths[k];
	for (size_t i = 0; i < l->n_lines; i++) {
		const struct line *line = &l->lines[i];

		for (size_t k = 0; !line->is_note && k < line->n_cells; k++) {
			size_t width = line->cells[k].width;

			if (!l->limit && width > LAYOUT_MAX_WIDTH)
				width = LAYOUT_MAX_WIDTH;
			if (width > l->widths[k])
				l->widths[k] = width;
			width = l->limit ? widest_word(line->cells[k].text) : 0;
			if (width > l->words[k])
				l->words[k] = width;
		}
	}
}

static size_t count_columns(const struct layout *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_lines; i++) {
		if (!l->lines[i].is_note && l->lines[i].n_cells > n)
			n = l->lines[i].n_cells;
	}
	return n;
}

static void fit(struct layout *l)
{
	if (l->limit)
		shrink(l);
	l->measured = true;
}

static void measure(struct layout *l)
{
	if (l->measured)
		return;
	measure_cells(l, count_columns(l));
	fit(l);
}

void layout_align(struct layout *const *layouts, size_t n)
{
	size_t n_columns = 0;

	for (size_t i = 0; i < n; i++) {
		size_t its_columns = count_columns(layouts[i]);

		n_columns = its_columns > n_columns ? its_columns : n_columns;
	}
	for (size_t i = 0; i < n; i++)
		measure_cells(layouts[i], n_columns);
	for (size_t k = 0; k < n_columns; k++) {
		size_t width = 0, word = 0;

		for (size_t i = 0; i < n; i++) {
			const struct layout *l = layouts[i];

			width = l->widths[k] > width ? l->widths[k] : width;
			word = l->words[k] > word ? l->words[k] : word;
		}
		for (size_t i = 0; i < n; i++) {
			layouts[i]->widths[k] = width;
			layouts[i]->words[k] = word;
		}
	}
	for (size_t i = 0; i < n; i++)
		fit(layouts[i]);
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

/* Blanks are written only before text, so that no line ends in white space. 'cells'
 * are those of one line. */
static void print_cells(const struct layout *l, const struct cell *cells, size_t n,
			FILE *out, bool colour)
{
	size_t at = 0, column_start = l->indent;

	for (size_t k = 0; k < n; k++) {
		if (!l->widths[k])
			continue;
		if (cells[k].width) {
			/* After a cell that was too wide, at least a gap. */
			size_t start = at && column_start < at + l->gap ? at + l->gap
									: column_start;

			fprintf(out, "%*s", (int)(start - at), "");
			layout_styled(out, colour, cells[k].style, cells[k].text);
			at = start + cells[k].width;
		}
		column_start += l->widths[k] + l->gap;
	}
	fputc('\n', out);
}

/* The part of a cell that is on this line; '*rest' continues on the next. */
static struct cell piece(const struct layout *l, size_t column, const struct cell *cell,
			 const char **rest)
{
	size_t width = l->widths[column];
	const char *text = *rest;

	*rest = NULL;
	if (!text)
		return (struct cell){.text = ""};
	if (l->limit && fit_of(l, column) == LAYOUT_WRAP && width > 1) {
		*rest = text;
		text = display_wrap(l->arena, rest, width);
	} else if (l->limit && fit_of(l, column) == LAYOUT_ELIDE_START) {
		text = display_elide_start(l->arena, text, width);
	} else if (l->limit) {
		text = display_elide(l->arena, text, width);
	}
	return (struct cell){
		.style = cell->style, .text = text, .width = display_width(text)};
}

static void print_row(const struct layout *l, const struct line *line, FILE *out,
		      bool colour)
{
	struct cell *cells = arena_array(l->arena, line->n_cells, sizeof(*cells));
	const char **rests = arena_array(l->arena, line->n_cells, sizeof(*rests));
	bool is_more = true;

	for (size_t k = 0; k < line->n_cells; k++)
		rests[k] = line->cells[k].text;
	while (is_more) {
		is_more = false;
		for (size_t k = 0; k < line->n_cells; k++) {
			cells[k] = l->widths[k] ? piece(l, k, &line->cells[k], &rests[k])
						: (struct cell){.text = ""};
			is_more = is_more || (l->widths[k] && rests[k]);
		}
		print_cells(l, cells, line->n_cells, out, colour);
	}
}

static void print_note(const struct layout *l, const struct line *line, FILE *out,
		       bool colour)
{
	const char *rest = line->cells[0].text;
	bool is_limited = l->limit > line->indent + WIDTH_MIN_LAST;

	while (rest) {
		const char *text = rest;

		if (is_limited)
			text = display_wrap(l->arena, &rest, l->limit - line->indent);
		else
			rest = NULL;
		fprintf(out, "%*s", (int)line->indent, "");
		layout_styled(out, colour, line->cells[0].style, text);
		fputc('\n', out);
	}
}

void layout_print(struct layout *l, FILE *out, bool colour)
{
	measure(l);
	for (size_t i = 0; i < l->n_lines; i++) {
		const struct line *line = &l->lines[i];

		if (line->is_note)
			print_note(l, line, out, colour);
		else
			print_row(l, line, out, colour);
	}
}
