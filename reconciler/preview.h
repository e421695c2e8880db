/* What a transaction would do to the kernel, without doing it. */
#ifndef RECONCILER_PREVIEW_H
#define RECONCILER_PREVIEW_H 1

#include "datapath/datapath.h"
#include "lib/err.h"
#include "reconciler/wanted/desired.h"

struct json_object;

/* {"steps": [{"op", "object", "why", "disruptive"}], "outcomes": [{"object", "state",
 * "message"}], "warnings": [{"object", "warning"}]}: an outcome for each object that
 * would not become ready, and every warning, also of ready objects. 'source->txn' is
 * the transaction. The result is the caller's. Reads the kernel. */
struct err *preview_build(const struct desired_source *source, struct datapath *dp,
			  struct json_object **ret_result) MUST_CHECK;

#endif
