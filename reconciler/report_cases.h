/* What settle.c needs to know of each object of a pass; and the rows and keys of verdicts. */
#ifndef RECONCILER_REPORT_CASES_H
#define RECONCILER_REPORT_CASES_H 1

#include "reconciler/count/count.h"
#include "reconciler/drift/drift.h"
#include "reconciler/pass.h"
#include "reconciler/queue.h"
#include "reconciler/settle/settle.h"

/* What both need. */
struct report {
	const struct ipvl_columns *columns;
	struct db *db;
	struct queue *queue;
	struct drift_log *drift;
	const struct settled *settled;
	const struct saved *saved;
	/* Run to its end. */
	const struct pass *pass;
	struct counts *counts;
	int64_t now_ms;
};

/* A case for each verdict of the pass whose row still exists; in the pass's arena. Reads the
 * database, the queue and the drift log, and changes nothing. */
struct settle_case *report_cases(const struct report *report, size_t *ret_n);

/* NULL if it was deleted or renamed while the pass ran: its key is marked again. */
struct row *report_row(const struct ipvl_columns *c, const struct plan_verdict *v);
/* False if the row of that name is another one than when the plan was made. */
bool report_is_row_of_plan(const struct pass *p, size_t verdict, const struct row *r);
/* Borrows from 'v'. */
struct key report_key(const struct plan_verdict *v);

#endif
