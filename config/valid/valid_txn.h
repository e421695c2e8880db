/* The validator of an `ipvl` database. */
#ifndef CONFIG_VALID_TXN_H
#define CONFIG_VALID_TXN_H 1

#include "config/columns.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

/* The validator for db_set_validator() of an `ipvl` database: canonical texts, the rules
 * above as far as the transaction can have broken them, one master for each slave, one
 * host for each master, status columns for the daemon alone. The cost is in proportion to
 * the rows changed, and a short look at each sibling. 'aux' is the database's
 * `struct ipvl_columns`. ERR_CONSTRAINT or
 * ERR_PERMISSION; the message names the object and the column. */
struct err *valid_transaction(void *aux, const struct txn *txn) MUST_CHECK;
/* The same for the database of one host, ipvld's: its rows are found by the only Host
 * (rows_find_host()), so that a second one is refused too. */
struct err *valid_transaction_of_one(void *aux, const struct txn *txn) MUST_CHECK;

#endif
