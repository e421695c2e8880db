/* A change on trial: it is taken back unless it is confirmed in time. Its row of Trial is
 * inserted with it; without that row it is kept. One at a time, and while it lasts no client
 * may change the configuration (config/valid/valid_trial.c). */
#ifndef CONFIG_TRIAL_H
#define CONFIG_TRIAL_H 1

#include "config/columns.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

#include <stdint.h>

/* The row as 'txn' has it (NULL: as committed); NULL if nothing is on trial. */
struct row *trial_find(const struct ipvl_columns *c, const struct txn *txn);
/* Puts the changes of 't' on trial. */
void trial_begin(const struct ipvl_columns *c, struct txn *t, int64_t timeout_s);
/* Until it is taken back: by the wall clock, at most the whole time. A clock that was set
 * back, or that is not set yet after a boot, so makes no trial longer than twice its time. */
int64_t trial_left_ms(const struct ipvl_columns *c, const struct row *trial);
/* "a change by root (transaction 17) is on trial for another 87 s". Owned by the caller. */
char *trial_text(const struct ipvl_columns *c, const struct row *trial);
/* ERR_CONSTRAINT if a change is on trial: what the clients of a locked configuration get. */
struct err *trial_check_none(const struct ipvl_columns *c) MUST_CHECK;

#endif
