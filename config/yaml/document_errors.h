/* Complaints about files, in the order of a file, for a person to read. */
#ifndef CONFIG_DOCUMENT_ERRORS_H
#define CONFIG_DOCUMENT_ERRORS_H 1

#include "lib/err.h"

#include <stddef.h>

/* Complaints in one list; one more says that there are others. */
#define DOCUMENT_MAX_ERRORS ((size_t)100)

struct document;
struct place;

/* One complaint about a file: "FILE:LINE:COLUMN", the line itself, what, what to do. */
struct document_error {
	char *file;
	size_t line, column;  /* from 1; column in characters */
	char *source_line;    /* for the caret; "" if there is none */
	char *message, *hint; /* hint may be NULL */
};

struct document_errors {
	struct document_error *errors;
	size_t n, capacity;
};
void document_errors_clear(struct document_errors *e);
/* As design.md 8 shows it: message, line, caret, hint, for each; ends in a newline. Owned
 * by the caller. */
char *document_errors_text(const struct document_errors *e) MUST_CHECK;

/* Adds a complaint; takes 'e'. 'd' lends its file's name and line; 'place' of line 0 has
 * neither line nor caret. */
void document_errors_add(struct document_errors *errors, const struct document *d,
			 struct place place, struct err *e);
/* The complaints from 'first' on, in the order of the file. */
void document_errors_sort(struct document_errors *errors, size_t first);

#endif
