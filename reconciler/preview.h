/* What a transaction would do, without doing it: the plan on the actual state, run on the
 * simulator. */
#ifndef RECONCILER_PREVIEW_H
#define RECONCILER_PREVIEW_H 1

#include "datapath/datapath.h"
#include "lib/err.h"
#include "reconciler/desired.h"

struct json_object;

/* {"steps": [{"op", "object", "why", "disruptive"}], "outcomes": [{"object", "state",
 * "message"}], "warnings": [{"object", "warning"}]}; an outcome for each object that
 * would not become ready, a warning for each that it would have, ready or not.
 * 'source->txn' is the transaction. */
struct err *preview_build(const struct desired_source *source, struct datapath *dp,
			  struct json_object **ret_result) MUST_CHECK;

#endif
