/* The reconciler: keeps the kernel as the database wants it.
 *
 * Level-triggered: commits and events mark keys. A pass takes them, builds what is
 * wanted, reads what is there, plans the difference, runs the plan in slices between
 * which the loop serves clients, and writes the results. */
#ifndef RECONCILER_RECONCILE_H
#define RECONCILER_RECONCILE_H 1

#include "config/rows.h"
#include "datapath/datapath.h"
#include "lib/err.h"
#include "lib/loop.h"
#include "ovsdb-lite/db/db.h"
#include "reconciler/announce/announcer.h"
#include "reconciler/count/count.h"
#include "reconciler/wanted/desired.h"

#include <stdint.h>

struct reconciler;

struct reconciler_config {
	struct loop *loop;
	struct db *db;                      /* an `ipvl` database with its Host row */
	const struct ipvl_columns *columns; /* of 'db' */
	struct datapath *datapath;
	int64_t audit_ms; /* 0: never */
	/* Called once, after the first pass. */
	void (*first_pass_done)(void *aux);
	void *aux;
};

/* Borrows everything in 'config'. The first pass, over everything, is due at once. */
struct err *reconciler_new(const struct reconciler_config *config,
			   struct reconciler **ret_r) MUST_CHECK;
/* Leaves the kernel as it is. Accepts NULL. */
void reconciler_free(struct reconciler *r);

/* What a pass reads. Borrowed. */
struct desired_source reconciler_source(const struct reconciler *r);
/* Borrowed. */
struct announcer *reconciler_announcer(const struct reconciler *r);
/* Borrowed. */
const struct counts *reconciler_counts(const struct reconciler *r);

#endif
