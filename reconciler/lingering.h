/* VLANs that ipvl made, that no row wants any more, and that stay because another
 * program's device is on them. They go with that device, so an event about one is a reason
 * to look. */
#ifndef RECONCILER_LINGERING_H
#define RECONCILER_LINGERING_H 1

#include "datapath/model.h"

#include <stdbool.h>

struct lingering;

struct lingering *lingering_new(void) __attribute__((warn_unused_result));
void lingering_free(struct lingering *l); /* accepts NULL */
/* After an observation of 'want'. */
void lingering_note(struct lingering *l, const struct model *want,
		    const struct model *have);
bool lingering_has(const struct lingering *l, const char *netns, const char *name);

#endif
