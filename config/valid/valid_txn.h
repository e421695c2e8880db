/* The validator of an `ipvl` database. */
#ifndef CONFIG_VALID_TXN_H
#define CONFIG_VALID_TXN_H 1

#include "config/columns.h"
#include "lib/err.h"
#include "ovsdb-lite/rows/txn.h"

/* For db_set_validator() of an `ipvl` database. Checks: canonical texts; the rules, as
 * far as the transaction can have broken them; one master for each slave; one host for
 * each master; status columns, which only the daemon writes. The cost is in proportion
 * to the rows changed, plus a short look at each sibling. 'aux' is the database's
 * `struct ipvl_columns`. ERR_CONSTRAINT or ERR_PERMISSION; the message names the
 * object and the column. */
struct err *valid_transaction(void *aux, const struct txn *txn) MUST_CHECK;
/* The same for a database of one host, as ipvld's: a second row of Host is refused
 * too, since rows are found by the only one (rows_find_host()). */
struct err *valid_transaction_of_one(void *aux, const struct txn *txn) MUST_CHECK;

#endif
