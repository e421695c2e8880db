/* What clients may change while a change is on trial, and what can be put on trial. */
#ifndef CONFIG_VALID_TRIAL_H
#define CONFIG_VALID_TRIAL_H 1

#include "config/columns.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

/* ERR_CONSTRAINT. To be called with a client's transaction. */
struct err *valid_trial_check(const struct ipvl_columns *c,
			      const struct txn *txn) MUST_CHECK;

#endif
