/* Transactions of ipvld itself: the validator lets only these write status columns. */
#ifndef CONFIG_DAEMON_TXN_H
#define CONFIG_DAEMON_TXN_H 1

#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

/* To be freed by txn_free(), or handed to daemon_txn_commit(). */
struct txn *daemon_txn_new(struct db *db) __attribute__((warn_unused_result));
/* Takes 't', whatever the outcome. Nothing to change is no error. */
struct err *daemon_txn_commit(struct txn *t) MUST_CHECK;

#endif
