/* A YAML file as a model, with the place of everything in it. document.c is the only user
 * of libyaml. */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H 1

#include "config/yaml/document_errors.h"
#include "datapath/model.h"

#include <stddef.h>

/* Far above any host's needs, far below what would hurt. */
#define DOCUMENT_MAX_BYTES ((size_t)16 << 20)

struct document;

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
#endif
