/* The output formats. The cells of a record are collected, as text and as JSON; the
 * format writes the record when it is complete. */
#include "ctl/output/writer.h"

#include "ctl/output/value.h"
#include "ctl/output/yaml.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct writer_cell {
	enum style style;
	const char *text;     /* for people; from the arena */
	const char *notation; /* in the form that COLUMN=VALUE takes */
	const char *bare;     /* for scripts */
	struct json_object *json;
};

struct writer_ops {
	void (*headings)(struct writer *w); /* NULL: none of their own */
	void (*record)(struct writer *w, const struct writer_cell *cells);
	void (*end)(struct writer *w);
};

struct writer {
	const struct writer_ops *ops;
	FILE *out;
	bool colour, has_begun, no_headings, bare;
	const char *const *headings;
	size_t n_headings;
	struct writer_cell *cells; /* of the current record */
	size_t n_cells, n_records;
	bool *are_filled;    /* by column: some record has a text */
	struct arena *arena; /* of the current record */
	struct layout *layout;
	struct json_object *all;
};

static void table_headings(struct writer *w)
{
	layout_row(w->layout);
	for (size_t i = 0; i < w->n_headings; i++)
		layout_cell(w->layout, STYLE_STRONG, w->headings[i]);
}

static void table_record(struct writer *w, const struct writer_cell *cells)
{
	layout_row(w->layout);
	for (size_t i = 0; i < w->n_headings; i++) {
		w->are_filled[i] = w->are_filled[i] || *cells[i].text;
		layout_cell(w->layout, cells[i].style,
			    *cells[i].text ? cells[i].text : "-");
	}
}

/* If there is too little room, columns without text are dropped first. */
static void table_end(struct writer *w)
{
	for (size_t i = 0; i < w->n_headings && i < LAYOUT_MAX_FITS; i++) {
		if (!w->are_filled[i])
			layout_fit(w->layout, i, LAYOUT_DROP);
	}
	if (w->n_records)
		layout_print(w->layout, w->out, w->colour);
}

static void list_record(struct writer *w, const struct writer_cell *cells)
{
	if (w->n_records)
		layout_note(w->layout, 0, STYLE_PLAIN, "");
	for (size_t i = 0; i < w->n_headings; i++) {
		layout_row(w->layout);
		if (!w->no_headings) {
			layout_cell(w->layout, STYLE_PLAIN, w->headings[i]);
			layout_cell(w->layout, STYLE_FAINT, ":");
		}
		layout_cell(w->layout, cells[i].style,
			    w->bare ? cells[i].bare : cells[i].notation);
	}
}

static void list_end(struct writer *w)
{
	layout_print(w->layout, w->out, w->colour);
}

static void json_record(struct writer *w, const struct writer_cell *cells)
{
	struct json_object *record = json_object();

	for (size_t i = 0; i < w->n_headings; i++)
		json_put(record, w->headings[i], json_clone(cells[i].json));
	json_add(w->all, record);
}

static void json_end(struct writer *w)
{
	CLEANUP(freep) char *text = json_text_pretty(w->all);

	fputs(text, w->out);
}

static void yaml_end(struct writer *w)
{
	yaml_print(w->out, w->all);
}

/* RFC 4180 2, but with a plain newline, which every reader takes. */
static void csv_field(FILE *out, const char *text, bool is_first)
{
	if (!is_first)
		fputc(',', out);
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void csv_headings(struct writer *w)
{
	for (size_t i = 0; i < w->n_headings; i++)
		csv_field(w->out, w->headings[i], i == 0);
	fputc('\n', w->out);
}

static void csv_record(struct writer *w, const struct writer_cell *cells)
{
	for (size_t i = 0; i < w->n_headings; i++)
		csv_field(w->out, cells[i].text, i == 0);
	fputc('\n', w->out);
}

static void no_end(struct writer *w)
{
	(void)w;
}

static const struct writer_ops formats[] = {
	[FORMAT_TABLE] = {.headings = table_headings,
			  .record = table_record,
			  .end = table_end},
	[FORMAT_LIST] = {.record = list_record, .end = list_end},
	[FORMAT_JSON] = {.record = json_record, .end = json_end},
	[FORMAT_YAML] = {.record = json_record, .end = yaml_end},
	[FORMAT_CSV] = {.headings = csv_headings, .record = csv_record, .end = no_end},
};

static const char *const format_names[] = {
	[FORMAT_DEFAULT] = "",  [FORMAT_TABLE] = "table", [FORMAT_LIST] = "list",
	[FORMAT_JSON] = "json", [FORMAT_YAML] = "yaml",   [FORMAT_CSV] = "csv",
	[FORMAT_DOT] = "dot",   [FORMAT_SVG] = "svg",
};

const char *writer_format_name(enum format format)
{
	return format_names[format];
}

bool writer_format_from_name(const char *name, enum format *ret_format)
{
	for (size_t i = FORMAT_TABLE; i < ARRAY_SIZE(format_names); i++) {
		if (!strcmp(name, format_names[i])) {
			*ret_format = (enum format)i;
			return true;
		}
	}
	return false;
}

void writer_print_tree(FILE *out, enum format format, const struct json_object *tree)
{
	CLEANUP(freep) char *text = NULL;

	if (format == FORMAT_YAML) {
		yaml_print(out, tree);
		return;
	}
	text = json_text_pretty(tree);
	fputs(text, out);
}

struct writer *writer_new(enum format format, FILE *out, bool colour,
			  const char *const *headings, size_t n)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->ops = &formats[format];
	w->out = out;
	w->colour = colour;
	w->headings = headings;
	w->n_headings = n;
	w->cells = xcalloc(n, sizeof(*w->cells));
	w->are_filled = xcalloc(n, sizeof(*w->are_filled));
	w->arena = arena_new();
	w->layout = layout_new(0, format == FORMAT_LIST ? 1 : 2);
	w->all = json_array();
	return w;
}

void writer_terse(struct writer *w, bool no_headings, bool bare)
{
	w->no_headings = no_headings;
	w->bare = bare;
}

/* Once, before the first record or at the end. */
static void begin(struct writer *w)
{
	if (!w->has_begun && w->ops->headings && !w->no_headings)
		w->ops->headings(w);
	w->has_begun = true;
}

/* What a row is called stays whole if it can, and lists lose nothing by being wrapped.
 * Long texts give way first: `show` has them, but for the errors of plug-ins. */
static enum layout_fit fit_of(const char *heading)
{
	static const struct {
		const char *heading;
		enum layout_fit fit;
	} fits[] = {
		{"name", LAYOUT_KEEP},           {"addresses", LAYOUT_WRAP},
		{"routes", LAYOUT_WRAP},         {"message", LAYOUT_ELIDE_DROP},
		{"warnings", LAYOUT_ELIDE_DROP}, {"error", LAYOUT_WRAP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(fits); i++) {
		if (!strcmp(heading, fits[i].heading))
			return fits[i].fit;
	}
	return LAYOUT_ELIDE;
}

void writer_limit(struct writer *w, size_t width)
{
	/* FORMAT_LIST is not wrapped: its values are for copying. */
	if (w->ops != &formats[FORMAT_TABLE])
		return;
	layout_limit(w->layout, width);
	for (size_t i = 0; i < w->n_headings && i < LAYOUT_MAX_FITS; i++)
		layout_fit(w->layout, i, fit_of(w->headings[i]));
}

/* Takes cell->json. */
static void add(struct writer *w, struct writer_cell cell)
{
	w->cells[w->n_cells++] = cell;
	if (w->n_cells < w->n_headings)
		return;
	begin(w);
	w->ops->record(w, w->cells);
	for (size_t i = 0; i < w->n_cells; i++)
		json_free(w->cells[i].json);
	w->n_cells = 0;
	w->n_records++;
	arena_free(w->arena);
	w->arena = arena_new();
}

void writer_text(struct writer *w, enum style style, const char *text)
{
	const char *copy = arena_strdup(w->arena, text);

	add(w, (struct writer_cell){.style = style,
				    .text = copy,
				    .notation = copy,
				    .bare = copy,
				    .json = json_string(text)});
}

void writer_value(struct writer *w, const char *text, const char *notation,
		  struct json_object *json)
{
	add(w, (struct writer_cell){.text = arena_strdup(w->arena, text),
				    .bare = arena_strdup(w->arena, text),
				    .notation = arena_strdup(w->arena, notation),
				    .json = json});
}

void writer_integer(struct writer *w, int64_t i)
{
	const char *text = arena_printf(w->arena, "%" PRId64, i);

	add(w, (struct writer_cell){.text = text,
				    .notation = text,
				    .bare = text,
				    .json = json_integer(i)});
}

void writer_datum(struct writer *w, enum style style, const struct datum *d,
		  const struct column_type *t)
{
	add(w, (struct writer_cell){
		       .style = style,
		       .text = arena_strdup(w->arena, value_text(w->arena, d, t)),
		       .notation = value_notation(w->arena, d, t),
		       .bare = value_bare(w->arena, d, t),
		       .json = value_json(d, t),
	       });
}

void writer_finish(struct writer *w)
{
	begin(w);
	w->ops->end(w);
	json_free(w->all);
	layout_free(w->layout);
	arena_free(w->arena);
	free(w->cells);
	free(w->are_filled);
	free(w);
}
