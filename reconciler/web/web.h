/* ipvld over HTTP, to be read only: metrics, and a page. `--http`. */
#ifndef RECONCILER_WEB_WEB_H
#define RECONCILER_WEB_WEB_H 1

#include "lib/err.h"
#include "reconciler/web/web_source.h"

struct web;

/* Borrows what 'source' borrows. */
struct web *web_new(const struct web_source *source) __attribute__((warn_unused_result));
void web_free(struct web *w); /* accepts NULL */
/* Serves at an address, as web_address.h has it. An IP address that this host does not have
 * yet is logged, and tried again: at boot it may come later. */
struct err *web_listen(struct web *w, const char *text) MUST_CHECK;

#endif
