/* Masters that ipvl made, that no row wants any more, and that stay because another
 * program's device is on them. They go with that device, so an event about one is a reason
 * to look. */
#ifndef RECONCILER_LINGERING_H
#define RECONCILER_LINGERING_H 1

#include "config/object.h"
#include "datapath/model.h"

/* Puts them into the set, or takes them out, after an observation of 'want'. */
void lingering_note(struct object_set *lingering, const struct model *want,
		    const struct model *have);

#endif
