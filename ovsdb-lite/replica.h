/* Another server's database as tables of ours, filled by its monitor: the same struct db
 * that the server has, without a store. Reading code cannot tell the difference. */
#ifndef OVSDB_REPLICA_H
#define OVSDB_REPLICA_H 1

#include "lib/err.h"
#include "ovsdb-lite/client.h"
#include "ovsdb-lite/db.h"

struct replica;
struct stream_tls;

/* 'address' and 'tls' as client_open()'s. Fetches the schema of 'db_name' and a first
 * dump of all of its tables; returns when both are here. Updates are applied as they
 * arrive on the loop, through transactions that observers see. */
struct err *replica_open(struct loop *loop, const char *address, struct stream_tls *tls,
			 const char *db_name, int64_t timeout_ms,
			 struct replica **ret_replica) MUST_CHECK;
void replica_close(struct replica *r); /* accepts NULL */

struct db *replica_db(const struct replica *r);
struct client *replica_client(const struct replica *r);
/* NULL while the connection stands; then why it ended. Borrowed. */
const struct err *replica_error(const struct replica *r);

/* Sends what 't' (a transaction on replica_db(), which stays uncommitted) changes to the
 * server, with 'extra' operations (an array or NULL; taken) behind it and a durable
 * commit at the end. Waits for the reply; when it succeeded, the tables here are changed
 * already, and 't' can only be freed.
 * 't' is to be made without running the loop in between: what it knows as old is what is
 * here now. '*ret_results' holds the results of 'extra' alone ('ret_results' may be
 * NULL). ERR_TIMED_OUT with the meaning "changed meanwhile, try again" if a wait of
 * txn_to_operations() failed; ERR_BUSY if the server did not answer within 'timeout_ms'
 * (-1: for ever): it is not known then what became of it. */
struct err *replica_commit(struct replica *r, const struct txn *t,
			   struct json_object *extra, int64_t timeout_ms,
			   struct json_object **ret_results) MUST_CHECK;

#endif
