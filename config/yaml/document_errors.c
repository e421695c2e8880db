/* Complaints about a file: a list in the file's order, and its text for a user. */
#include "config/yaml/document_errors.h"

#include "config/yaml/document_data.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a longer line only a part around the caret is shown. */
#define SHOWN_CHARACTERS ((size_t)100)
#define SHOWN_BEFORE     ((size_t)60)
#define SOURCE_MAX_BYTES ((size_t)4096)

void document_errors_clear(struct document_errors *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->errors[i].file);
		free(e->errors[i].source_line);
		free(e->errors[i].message);
		free(e->errors[i].hint);
	}
	free(e->errors);
	*e = (struct document_errors){0};
}

/* All messages of the chain; the hint goes elsewhere. */
static char *full_message(const struct err *e)
{
	char *text = xstrdup(e->message);

	while ((e = e->cause)) {
		char *longer = xasprintf("%s: %s", text, e->message);

		free(text);
		text = longer;
	}
	return text;
}

/* Line 'line' without its end; "" if there is none, or if showing it would not help. */
static char *copy_line(const struct document *d, size_t line)
{
	const char *start;
	size_t n;

	if (line == 0 || line > d->n_lines)
		return xstrdup("");
	start = d->text + d->line_starts[line - 1];
	n = (line < d->n_lines ? d->line_starts[line] : d->n_bytes) -
	    d->line_starts[line - 1];
	while (n && (start[n - 1] == '\n' || start[n - 1] == '\r'))
		n--;
	return n > SOURCE_MAX_BYTES ? xstrdup("") : xstrndup(start, n);
}

/* A value that aliases repeat is read several times. */
static bool is_known(const struct document_errors *errors, const struct document *d,
		     struct place place, const struct err *e)
{
	CLEANUP(freep) char *message = full_message(e);

	text_make_plain(message, strlen(message));
	for (size_t i = 0; i < errors->n; i++) {
		const struct document_error *at = &errors->errors[i];

		if (at->line == place.line && at->column == place.column &&
		    !strcmp(at->message, message) && !strcmp(at->file, d->file))
			return true;
	}
	return false;
}

void document_errors_add(struct document_errors *errors, const struct document *d,
			 struct place place, struct err *e)
{
	const char *hint = err_find_hint(e);
	struct document_error *added;

	if (errors->n > DOCUMENT_MAX_ERRORS || is_known(errors, d, place, e)) {
		err_free(e);
		return;
	}
	errors->errors =
		xgrow(errors->errors, errors->n, &errors->capacity, sizeof(*added));
	added = &errors->errors[errors->n];
	*added = (struct document_error){.file = xstrdup(d->file)};
	if (errors->n++ == DOCUMENT_MAX_ERRORS) {
		/* Last in every order. */
		added->line = SIZE_MAX;
		added->message = xstrdup("there are more errors: fix these first");
		added->source_line = xstrdup("");
	} else {
		added->line = place.line;
		added->column = place.column;
		added->message = full_message(e);
		added->source_line = copy_line(d, place.line);
		added->hint = hint ? xstrdup(hint) : NULL;
		/* A name in it may contain any character. */
		text_make_plain(added->message, strlen(added->message));
	}
	err_free(e);
}

static int error_cmp(const void *a, const void *b)
{
	const struct document_error *x = a, *y = b;
	int c = place_cmp(&(struct place){x->line, x->column},
			  &(struct place){y->line, y->column});

	return c ? c : strcmp(x->message, y->message);
}

void document_errors_sort(struct document_errors *errors, size_t first)
{
	if (errors->n > first + 1)
		qsort(errors->errors + first, errors->n - first, sizeof(*errors->errors),
		      error_cmp);
}

static bool is_character_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Control characters would move the terminal's cursor. A tab has the same width on
 * both lines. */
static void put_source(FILE *out, const char *s, const char *end)
{
	for (; s < end; s++) {
		unsigned char c = (unsigned char)*s;

		fputc((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c, out);
	}
}

static void put_line_and_caret(FILE *out, const char *line, size_t column)
{
	const char *start = line, *end, *s;
	size_t skip = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 0, n = 0;

	if (!*line)
		return;
	for (s = line; *s; s++)
		n += is_character_start(*s);
	if (n <= SHOWN_CHARACTERS)
		skip = 0;
	for (; skip && *start; start++)
		skip -= is_character_start(start[1]);
	for (end = start, n = 0; *end && n <= SHOWN_CHARACTERS; end++)
		n += is_character_start(end[1]);
	fputs(start > line ? "…" : "", out);
	put_source(out, start, end);
	fputs(*end ? "…\n" : "\n", out);
	fputs(start > line ? " " : "", out);
	n = 1;
	for (s = line; *s && n < column; s++) {
		if (is_character_start(s[1]) || !s[1])
			n++;
		if (s >= start && is_character_start(*s))
			fputc(*s == '\t' ? '\t' : ' ', out);
	}
	fputs("^\n", out);
}

char *document_errors_text(const struct document_errors *e)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (size_t i = 0; i < e->n; i++) {
		const struct document_error *at = &e->errors[i];

		fputs(at->file, out);
		if (at->line && at->line != SIZE_MAX)
			fprintf(out, ":%zu:%zu", at->line, at->column);
		fprintf(out, ": %s\n", at->message);
		put_line_and_caret(out, at->source_line, at->column);
		if (at->hint)
			fprintf(out, "  %s\n", at->hint);
	}
	if (fclose(out))
		abort();
	return text;
}
