/* What `apply` of a file, of a folder and `forget` have in common: whose rows are
 * concerned, what the other sources declare, and whether their files are there. */
#ifndef CTL_SOURCE_H
#define CTL_SOURCE_H 1

#include "config/yaml/document.h"
#include "ctl/session/context.h"

/* The complaints become the failure's text. Clears 'errors'. */
struct err *source_refuse(struct context *ctx, struct document_errors *errors) MUST_CHECK;

/* Every row that the source declares is concerned, changed or not: a second apply reports
 * the same conflict as the first. */
void source_note_declared(struct context *ctx, const char *source);

/* What 'file' is called as a source: its real path, also of one that is gone while its
 * folder is there; else as it is. From the attempt's arena. */
const char *source_path(const struct context *ctx, const char *file);

enum source_state {
	SOURCE_UNKNOWN, /* no path, or one of another host */
	SOURCE_THERE,
	SOURCE_MISSING,
};
enum source_state source_file_state(const struct context *ctx, const char *source);

/* Warns of files that declare rows of 'source' too and are gone: renamed, perhaps. */
void source_warn_missing(struct context *ctx, const char *source);

/* Documents of the sources but 'own' (NULL: of all), as far as they are files that can be
 * read: a complaint about two sources names both lines then, and a row edited by hand
 * contradicts no file. From the attempt's arena; the documents are the context's. */
struct source_others {
	const struct document **documents;
	size_t n, cap;
};
struct source_others source_read_others(struct context *ctx, const char *own);

#endif
