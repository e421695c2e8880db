/* A YAML file as a model, with the place of everything in it. document.c is the only user
 * of libyaml. */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H 1

#include "config/valid/valid_complaint.h"
#include "datapath/model.h"
#include "lib/err.h"

#include <stddef.h>

/* What a file may hold. Far above any host's needs, far below what would hurt. */
#define DOCUMENT_MAX_BYTES ((size_t)16 << 20)
#define DOCUMENT_MAX_DEPTH 32
/* Values, those that aliases repeat counted each time: `[*a, *a]` of ten levels is a
 * bomb. */
#define DOCUMENT_MAX_NODES ((size_t)4 << 20)
/* Keys of one map; they are compared with each other. */
#define DOCUMENT_MAX_KEYS 256
/* Complaints in one list; one more says that there are others. */
#define DOCUMENT_MAX_ERRORS ((size_t)100)

struct document;

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

/* Reads 'text' ('n' bytes); 'file' is what messages call it. All errors of the file at
 * once: syntax, unknown keys (with a suggestion), types, duplicates, and what
 * valid_check_model() says. Returns NULL and at least one error, or a document and none.
 */
struct document *document_parse(const char *file, const char *text, size_t n,
				struct document_errors *errors) MUST_CHECK;
/* Reads the file; "-" is standard input. An unreadable file is one error with line 0. */
struct document *document_read(const char *file,
			       struct document_errors *errors) MUST_CHECK;
/* The same of a regular file alone: never waits for a FIFO's writer. */
struct document *document_read_regular(const char *file,
				       struct document_errors *errors) MUST_CHECK;
/* What a file declares that is gone. */
struct document *document_of_nothing(const char *file)
	__attribute__((warn_unused_result));
void document_free(struct document *d); /* accepts NULL */

/* Borrowed; lives as long as 'd'. */
const struct model *document_model(const struct document *d);
const char *document_file(const struct document *d);
/* Adds a complaint about an object of document_model(d) at its place in the file. */
void document_complain(const struct document *d, const struct valid_complaint *c,
		       struct document_errors *errors);

#endif
