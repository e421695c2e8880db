/* What a transaction touches, while it is checked. Private to config/valid/. */
#ifndef CONFIG_VALID_ROW_H
#define CONFIG_VALID_ROW_H 1

#include "config/rows.h"
#include "config/valid/valid_complaint.h"
#include "lib/hash_table.h"

/* A master that is changed, or that a changed slave is on. */
struct valid_port {
	const struct row *row;
	struct model_master m;             /* without slaves */
	bool is_changed;                   /* the row itself */
	struct valid_slave *slaves, **end; /* the touched ones, as they came */
	UT_hash_handle hh;
};

/* A slave that is changed, that came to its master, or whose master changed what it rests
 * on. */
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
/* "ns1/ipvl1", of a row of Master or Slave. In t->a. */
const char *valid_row_label(const struct valid_txn *t, const struct row *r);

#endif
