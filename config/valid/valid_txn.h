/* Between valid_txn.c (which rows a transaction touches, and each of them) and
 * valid_peers.c (what they make impossible for others). Private to config/. */
#ifndef CONFIG_VALID_TXN_H
#define CONFIG_VALID_TXN_H 1

#include "config/rows.h"
#include "config/valid/rule.h"
#include "lib/hash_table.h"

/* A master that is changed, or that a changed slave is on. */
struct txn_port {
	const struct row *row;
	struct model_master m;           /* without slaves */
	bool is_changed;                 /* the row itself */
	struct txn_slave *slaves, **end; /* the touched ones, as they came */
	UT_hash_handle hh;
};

/* A slave that is changed, that came to its master, or whose master changed what it rests
 * on. */
struct txn_slave {
	const struct row *row;
	struct txn_port *port;  /* NULL until it is found */
	struct txn_slave *next; /* of the same port */
	struct model_slave m;
	UT_hash_handle hh;
};

struct txn_check {
	const struct ipvl_columns *c;
	const struct txn *txn;
	struct arena *a;
	struct txn_port *ports;   /* by row */
	struct txn_slave *slaves; /* by row */
	struct valid_check v;
	struct err *e; /* the first complaint */
};

/* A column as the transaction sees it; its text. Borrowed. */
const struct datum *txn_check_get(const struct txn_check *t, const struct row *r,
				  const struct column_schema *c);
const char *txn_check_text(const struct txn_check *t, const struct row *r,
			   const struct column_schema *c);

void valid_peers(struct txn_check *t);

#endif
