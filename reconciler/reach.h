/* What a pass looks at: its keys, what a change of theirs reaches, and other rows of the same
 * devices. The same for a pass and for its preview. */
#ifndef RECONCILER_REACH_H
#define RECONCILER_REACH_H 1

#include "datapath/datapath.h"
#include "reconciler/wanted/desired.h"

struct reach {
	struct arena *a;
	struct key *keys;
	size_t n_keys, keys_cap;
	bool everything;
	/* Something about a master is not as it should be: its port is read and set through a
	 * slave that has a row. */
	bool with_witnesses;
	/* By reach_observe(), of all of that. */
	struct desired *desired;
	struct model *have;
};

/* A copy. */
void reach_add(struct reach *r, const struct key *key);

/* What is wanted and what is there. A first look shows what else the keys reach, which is
 * added to them; then everything is looked at together. All results are in 'r->a'. */
struct err *reach_observe(struct reach *r, const struct desired_source *source,
			  struct datapath *dp) MUST_CHECK;

#endif
