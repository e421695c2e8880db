/* What sysctls of masters were before ipvl wrote them: rows of the table Saved.
 *
 * A value is recorded before the first write, and forgotten once it is put back, or there is
 * nothing left to put it back to. A record of an earlier boot means nothing. */
#ifndef RECONCILER_WANTED_SAVED_H
#define RECONCILER_WANTED_SAVED_H 1

#include "config/rows.h"
#include "datapath/plan/plan.h"
#include "lib/err.h"

struct saved;

/* Borrows 'columns'. */
struct err *saved_new(const struct ipvl_columns *columns, struct db *db,
		      struct saved **ret_s) MUST_CHECK;
void saved_free(struct saved *s); /* accepts NULL */

/* Sets 'saved' of the master, by its names; from 'a'. */
void saved_read(const struct saved *s, struct arena *a, struct model_master *m);
/* Calls 'fn' for each record, with the names of its master. */
typedef void saved_master_fn(void *aux, const char *netns, const char *name);
void saved_each(const struct saved *s, saved_master_fn *fn, void *aux);

/* Before the plan is run: one commit for all. */
struct err *saved_reserve(struct saved *s, const struct plan_record *records,
			  size_t n) MUST_CHECK;
/* These write to 't', the daemon's. */
void saved_forget(const struct saved *s, struct txn *t, const struct plan_record *record);
/* Forgets those of earlier boots. */
void saved_sweep(const struct saved *s, struct txn *t);

#endif
