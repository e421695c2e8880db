/* What `apply` and `forget` share: the rows of a source, its file, and the
 * declarations of the other sources. */
#ifndef CTL_SOURCE_H
#define CTL_SOURCE_H 1

#include "config/yaml/document.h"
#include "config/yaml/folder.h"
#include "ctl/session/context.h"

/* Makes the errors the text of the failure. Clears 'errors'. */
struct err *source_refuse(struct context *ctx, struct document_errors *errors) MUST_CHECK;

/* Adds every row of the source to those reported after the commit, changed or not: a
 * second apply reports the same conflict as the first. */
void source_note_declared(struct context *ctx, const char *source);

/* Asks for a repair of the rows of the source that have drifted, as `repair` does, unless
 * they ignore drift. */
void source_repair_declared(struct context *ctx, const char *source);
/* Has the rows of the source that are not ready take over what is in their place. */
void source_adopt_declared(struct context *ctx, const char *source);
/* A repair for one row, in any state. */
void source_repair_row(struct context *ctx, struct row *r);

/* The name of 'file' as a source: its real path, also for a missing file in an
 * existing folder; otherwise 'file'. From the attempt's arena. */
const char *source_path(const struct context *ctx, const char *file);

enum source_state {
	SOURCE_UNKNOWN, /* not a path, or a path on another host */
	SOURCE_THERE,
	SOURCE_MISSING,
};
enum source_state source_file_state(const struct context *ctx, const char *source);

/* The source declares nothing any more. Warns if its file still exists. */
void source_forget(struct context *ctx, const char *source);

/* Warns about missing files that declare rows of 'source' too: they may have been
 * renamed. */
void source_warn_missing(struct context *ctx, const char *source);

/* The documents of all sources that are not in 'given', as far as their files can be
 * read. An error about two sources can then name both lines, and a row edited by hand
 * conflicts with no file. From the attempt's arena; the context owns the documents. */
struct source_others {
	const struct document **documents;
	size_t n, cap;
};
struct source_others source_read_others(struct context *ctx, const struct folder *given);

#endif
