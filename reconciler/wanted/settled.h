/* Rows that were once as declared, in this boot: rows of the table Settled.
 *
 * Only rows whose `drift` is `report` or `ignore` are recorded. What differs from such a
 * row later is drift, also for the next ipvld; a row that was edited since, or that is
 * recorded in an earlier boot, is not settled. */
#ifndef RECONCILER_WANTED_SETTLED_H
#define RECONCILER_WANTED_SETTLED_H 1

#include "config/rows.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

struct settled;

/* Borrows 'columns'. */
struct err *settled_new(const struct ipvl_columns *columns,
			struct settled **ret_s) MUST_CHECK;
void settled_free(struct settled *s); /* accepts NULL */

/* A row of Master, or one of Slave and the row of its master, as 'txn' has them (NULL: as
 * committed). */
struct settled_row {
	const struct txn *txn;
	const struct row *row, *master;
};
/* What is recorded of the row as it is; zero if nothing is. */
struct model_settled settled_find(const struct settled *s, const struct settled_row *r);

/* A slave that is transient is recorded too: whether its device was there once, in whatever boot
 * and whatever the row was then. */
bool settled_has(const struct settled *s, const struct row *r);

/* These write to 't', the daemon's. */
void settled_note(const struct settled *s, struct txn *t, const struct settled_row *r,
		  uint32_t below_ifindex, uint64_t netns_inode);
/* The row's namespace is gone: one that appears in its place is another. */
void settled_note_lost_netns(const struct settled *s, struct txn *t, const struct row *r);
void settled_forget(const struct settled *s, struct txn *t, const struct row *r);
/* Forgets rows that no longer exist. */
void settled_sweep(const struct settled *s, struct txn *t);

#endif
