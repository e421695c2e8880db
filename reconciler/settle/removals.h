/* What is no longer wanted and could not be removed. Its keys stay in the queue until the
 * objects are gone. A function of its arguments, as settle.h. */
#ifndef RECONCILER_SETTLE_REMOVALS_H
#define RECONCILER_SETTLE_REMOVALS_H 1

#include "reconciler/settle/settle.h"

struct removal {
	struct key key;
	enum settle_next next;
	/* NULL: a step that it depends on failed. Borrowed from 'results'. */
	const struct err *error;
};

/* From the results of a plan; 'have' as observed for it. In 'a'. */
struct removal *removals_collect(const struct plan *plan,
				 const struct plan_result *results,
				 const struct model *have, struct arena *a,
				 size_t *ret_n);

#endif
