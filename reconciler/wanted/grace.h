/* Namespaces that another process is about to make: a name that ipvl did not make and
 * that has just gone (`ip netns del x; ip netns add x`), or a file on which nothing is
 * mounted yet. For one second ipvl does not make them. */
#ifndef RECONCILER_WANTED_GRACE_H
#define RECONCILER_WANTED_GRACE_H 1

#include "datapath/model.h"
#include "reconciler/wanted/aliases.h"

#include <stdint.h>

#define GRACE_MS 1000

struct grace;

struct grace *grace_new(void) __attribute__((warn_unused_result));
void grace_free(struct grace *g); /* accepts NULL */

/* Sets 'is_awaited' of the namespaces of 'want'. To be called before aliases_note(),
 * which overwrites what was there before. */
void grace_mark_awaited(struct grace *g, const struct aliases *aliases,
			struct model *want, const struct model *have, int64_t now_ms);

/* Milliseconds until the next deadline; -1: none. */
int64_t grace_wait_ms(const struct grace *g, int64_t now_ms);

/* Calls 'fn' once for each name whose deadline has passed: ipvl may make it now. */
typedef void grace_text_fn(void *aux, const char *text);
void grace_end(struct grace *g, int64_t now_ms, grace_text_fn *fn, void *aux);

#endif
