/* What `apply` of a file and of a folder have in common: whose rows are concerned, and
 * what the other sources declare. */
#ifndef CTL_SOURCE_H
#define CTL_SOURCE_H 1

#include "config/document.h"
#include "ctl/context.h"

/* The complaints become the failure's text. Clears 'errors'. */
struct err *source_refuse(struct context *ctx, struct document_errors *errors) MUST_CHECK;

/* Every row that the source declares is concerned, changed or not: a second apply reports
 * the same conflict as the first. */
void source_note_declared(struct context *ctx, const char *source);

/* Documents of the sources but 'own' (NULL: of all), as far as they are files that can be
 * read: a complaint about two sources names both lines then, and a row edited by hand
 * contradicts no file. From the attempt's arena; the documents are the context's. */
struct source_others {
	const struct document **documents;
	size_t n, cap;
};
struct source_others source_read_others(struct context *ctx, const char *own);

#endif
