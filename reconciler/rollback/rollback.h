/* Takes back a change on trial (config/trial.h) that nobody confirms in time. What is needed
 * for that is in the database: it survives ipvld and the machine
 * (docs/decisions/0015-a-trial-is-a-row.md). */
#ifndef RECONCILER_ROLLBACK_ROLLBACK_H
#define RECONCILER_ROLLBACK_ROLLBACK_H 1

#include "config/columns.h"
#include "lib/err.h"
#include "lib/loop.h"
#include "reconciler/files/config_dir.h"

#include <stdint.h>

struct rollback;

/* Borrows all. Before the config-dir is applied: a trial whose time passed while nothing ran
 * is taken back here. */
struct rollback *rollback_new(const struct ipvl_columns *c, struct db *db,
			      struct config_dir *dir) __attribute__((warn_unused_result));
void rollback_free(struct rollback *r); /* accepts NULL */
/* From now on by the timer. */
void rollback_follow(struct rollback *r, struct loop *loop);

/* Takes the pending trial back now: an undo of its transaction, as one commit. 'why' is
 * "cancelled by root", for the history. ERR_NOT_FOUND if nothing is on trial;
 * ERR_UNSUPPORTED if the history has it no more. Returns the number of its transaction. */
struct err *rollback_run(struct rollback *r, const char *why,
			 int64_t *ret_serial) MUST_CHECK;

/* Who made a transaction: "root", "uid 1000", a certificate's name. Owned by the caller. */
char *rollback_who(int64_t uid, const char *subject);

#endif
