/* Between a pass that has run and the rows that users read: writes what settle.c returns.
 * Also writes the rows of a pass that takes long or fails as a whole. */
#ifndef RECONCILER_REPORT_H
#define RECONCILER_REPORT_H 1

#include "lib/err.h"
#include "reconciler/report_cases.h"

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
