/* What the results of a pass mean for objects without a row. */
#ifndef RECONCILER_SETTLE_REMOVALS_H
#define RECONCILER_SETTLE_REMOVALS_H 1

#include "reconciler/settle.h"

/* What is no longer wanted and could not be removed: its key stays in the queue until the
 * object is gone. */
struct settle_removal {
	struct key key;
	enum settle_next next;
	/* NULL: a step that it depends on failed. Borrowed from 'results'. */
	const struct err *error;
};
struct settle_removal *settle_removals(const struct plan *plan,
				       const struct plan_result *results, struct arena *a,
				       size_t *ret_n);

#endif
