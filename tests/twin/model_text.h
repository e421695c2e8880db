/* An observed model as text, for comparison: without indexes, inodes, MAC addresses
 * and link-local addresses. */
#ifndef TESTS_TWIN_MODEL_TEXT_H
#define TESTS_TWIN_MODEL_TEXT_H 1

#include "datapath/datapath.h"
#include "lib/arena.h"

/* From 'a'. Lines of devices that do not exist are left out. 'depth': how it was
 * observed. */
const char *model_text(struct arena *a, const struct model *have,
		       enum datapath_depth depth);

#endif
