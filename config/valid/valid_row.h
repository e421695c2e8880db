/* What a transaction touches, while it is checked. Private to config/valid/. */
#ifndef CONFIG_VALID_ROW_H
#define CONFIG_VALID_ROW_H 1

#include "config/rows.h"
#include "config/valid/valid_complaint.h"
#include "lib/hash_table.h"

/* A master that changes, or that has a slave that changes. */
struct valid_port {
	const struct row *row;
	struct model_master m; /* without slaves */
	bool is_changed;       /* the row itself */
	/* The touched ones, in the order in which they were found. */
	struct valid_slave *slaves, **end;
	UT_hash_handle hh;
};

/* A slave that changes, that moves to its master, or whose master changes a column
 * that the slave depends on. */
struct valid_slave {
	const struct row *row;
	struct valid_port *port;  /* NULL until it is found */
	struct valid_slave *next; /* of the same port */
	struct model_slave m;
	UT_hash_handle hh;
};

struct valid_txn {
	const struct ipvl_columns *c;
	const struct txn *txn;
	struct arena *a;
	struct valid_port *ports;   /* by row */
	struct valid_slave *slaves; /* by row */
	struct valid_check v;
	struct err *e; /* the first complaint */
};

/* A column as the transaction sees it; its text. Borrowed. */
const struct datum *valid_row_get(const struct valid_txn *t, const struct row *r,
				  const struct column_schema *c);
const char *valid_row_text(const struct valid_txn *t, const struct row *r,
			   const struct column_schema *c);
/* "ns1/ipvl1", of a row of Master or Slave, in t->a; the name of a pool. */
const char *valid_row_label(const struct valid_txn *t, const struct row *r);

#endif
