/* Complaints about files, with their places. */
#ifndef CONFIG_DOCUMENT_ERRORS_H
#define CONFIG_DOCUMENT_ERRORS_H 1

#include "lib/err.h"

#include <stddef.h>

/* More complaints than these are one complaint that there are others. */
#define DOCUMENT_MAX_ERRORS ((size_t)100)

struct document;
struct place;

/* One complaint about a file: "FILE:LINE:COLUMN", the line itself, what, what to do. */
struct document_error {
	char *file;
	/* From 1; the column is in characters. */
	size_t line, column;
	/* For the caret; "" if there is none. */
	char *source_line;
	char *message, *hint; /* hint may be NULL */
};

struct document_errors {
	struct document_error *errors;
	size_t n, capacity;
};
void document_errors_clear(struct document_errors *e);
/* For each complaint: message, line, caret, hint. Ends in a newline. Owned by the
 * caller. */
char *document_errors_text(const struct document_errors *e) MUST_CHECK;

/* Adds a complaint; takes 'e'. The file's name and line come from 'd'; a 'place' with
 * line 0 has neither line nor caret. */
void document_errors_add(struct document_errors *errors, const struct document *d,
			 struct place place, struct err *e);
/* Sorts the complaints from number 'first' on by their places in the file. */
void document_errors_sort(struct document_errors *errors, size_t first);

#endif
