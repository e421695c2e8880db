/* The origin of ipvld's own transactions, and their end. */
#include "config/daemon_txn.h"

#include "ovsdb-lite/db/db.h"

struct txn *daemon_txn_new(struct db *db)
{
	static const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};

	return txn_new(db, &origin);
}

struct err *daemon_txn_commit(struct txn *t)
{
	struct err *e = txn_is_empty(t) ? NULL : db_commit(t);

	txn_free(t);
	return e;
}
