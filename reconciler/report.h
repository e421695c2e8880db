/* Between a pass that has run and the rows that users read: collects what settle.c
 * needs, and writes what it returns. Also writes the rows of a pass that takes long or
 * fails as a whole. */
#ifndef RECONCILER_REPORT_H
#define RECONCILER_REPORT_H 1

#include "lib/err.h"
#include "reconciler/count/count.h"
#include "reconciler/drift.h"
#include "reconciler/pass.h"
#include "reconciler/queue.h"
#include "reconciler/settle.h"

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
struct settle_case *report_collect(const struct report *report, size_t *ret_n);

/* Writes status and drift in one transaction, and moves the keys of the pass in the queue. */
struct err *report_write(const struct report *report,
			 const struct settlement *settlements, size_t n) MUST_CHECK;

/* The pass takes longer than a slice: which rows it is about, noted once, before another
 * transaction may rename them. */
void report_note_rows(const struct ipvl_columns *c, struct pass *p);
/* These, which are noted, become `pending`, once. */
void report_pending(const struct ipvl_columns *c, struct db *db, struct pass *p);

/* The pass failed as a whole: the rows whose edit somebody may be waiting for show
 * 'e', which is borrowed. */
void report_give_up(const struct ipvl_columns *c, struct db *db, const struct pass *p,
		    const struct err *e);

#endif
