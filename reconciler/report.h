/* What is told of a pass: status columns, drift, holds and retries in the queue. */
#ifndef RECONCILER_REPORT_H
#define RECONCILER_REPORT_H 1

#include "lib/err.h"
#include "reconciler/drift.h"
#include "reconciler/pass.h"

struct report {
	const struct ipvl_columns *columns;
	struct db *db;
	struct queue *queue;
	struct drift_log *drift;
	const struct pass *pass; /* run to its end */
};

/* One transaction with everything that changed. */
struct err *report_write(const struct report *report) MUST_CHECK;

/* The pass takes longer than a slice: its rows are `pending`, told once. */
void report_pending(const struct ipvl_columns *c, struct db *db, struct pass *p);

/* The pass could not be planned: the rows whose edit is being waited for say why. Borrows
 * 'e'. */
void report_give_up(const struct ipvl_columns *c, struct db *db, const struct pass *p,
		    const struct err *e);

#endif
