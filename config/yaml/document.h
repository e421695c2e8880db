/* A YAML file as a model, with the place of each part. */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H 1

#include "config/pool/pool.h"
#include "config/yaml/document_errors.h"
#include "datapath/model.h"

#include <stddef.h>

/* Far above the needs of any host, far below what would harm. */
#define DOCUMENT_MAX_BYTES ((size_t)16 << 20)

struct document;

/* Reads 'text' ('n' bytes); messages use 'file' as its name. Reports all errors of the
 * file at once: syntax, unknown keys (with a suggestion), types, duplicates, and
 * breaches of the rules (valid_check_model()). Returns NULL and at least one error, or
 * a document and none. */
struct document *document_parse(const char *file, const char *text, size_t n,
				struct document_errors *errors) MUST_CHECK;
/* Reads the file; "-" is standard input. An unreadable file is one error with line 0. */
struct document *document_read(const char *file,
			       struct document_errors *errors) MUST_CHECK;
/* The same for a regular file only: it never waits for the writer of a FIFO. */
struct document *document_read_regular(const char *file,
				       struct document_errors *errors) MUST_CHECK;
/* The document of a file that is gone. */
struct document *document_of_nothing(const char *file)
	__attribute__((warn_unused_result));
void document_free(struct document *d); /* accepts NULL */

/* Borrowed; lives as long as 'd'. */
const struct model *document_model(const struct document *d);
/* The pools that it declares, sorted by name. */
const struct pool *document_pools(const struct document *d, size_t *ret_n);
const struct pool *document_find_pool(const struct document *d, const char *name);
const char *document_file(const struct document *d);
/* The name of the source whose declarations it is: by default its file. */
const char *document_source(const struct document *d);
void document_set_source(struct document *d, const char *source);

#endif
