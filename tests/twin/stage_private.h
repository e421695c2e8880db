/* The parts of a stage. For stage*.c alone. */
#ifndef TESTS_TWIN_STAGE_PRIVATE_H
#define TESTS_TWIN_STAGE_PRIVATE_H 1

#include "lib/loop.h"
#include "reconciler/reconcile.h"
#include "tests/twin/stage.h"

/* A record of drift that stage_forget_drift() has seen. */
struct stage_drift {
	struct uuid uuid;
	int64_t count;
};

struct stage {
	struct stage_options options;
	struct loop *loop;
	struct datapath *inner, *spy;
	/* Through it the stage looks for itself; the simulator has no second one. */
	struct datapath *witness;
	struct datapath *sim; /* 'inner', if it is the simulator */
	struct schema *schema;
	struct db *db; /* open while the daemon runs; one in memory always */
	struct ipvl_columns columns;
	/* Of a running daemon. */
	struct reconciler *reconciler;
	struct db_observer *observer;
	int64_t last_change_ms;
	struct stage_drift *drifts;
	size_t n_drifts, drifts_cap;
};

/* A row is in error, or contested: the daemon tries again and again. */
bool stage_text_has_trouble(const struct stage *s);
/* A message without what differs from run to run, or between C libraries. From the arena. */
const char *stage_text_without_varying(struct arena *a, const char *text);
/* What committing 't' leads to. */
struct err *stage_foretell(struct stage *s, const struct txn *t, struct arena *a,
			   struct foretold *ret_foretold) MUST_CHECK;
/* What the daemon has not finished: rows, cur_cfg, steps. "" if nothing. */
struct err *stage_left(struct stage *s, struct arena *a,
		       const char **ret_left) MUST_CHECK;
#endif
