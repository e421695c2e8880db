/* A copy of another server's database, kept up to date by a monitor. It is a struct db as
 * the server's own, without a store: code that reads it is the same.
 *
 * The monitor is the best one that the server has: monitor_cond_since, else monitor_cond,
 * else RFC 7047's, which has no conditions and sends all rows. */
#ifndef OVSDB_REPLICA_H
#define OVSDB_REPLICA_H 1

#include "lib/err.h"
#include "ovsdb-lite/client/client.h"
#include "ovsdb-lite/db/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct replica;
struct stream_tls;

/* The part of a table that is copied. */
struct replica_table {
	const char *name;
	const char *const *columns; /* NULL at the end; NULL: all of them */
	/* An array of clauses (RFC 7047 <condition>), any of which must hold; NULL: every
	 * row. */
	const struct json_object *where;
};

/* The time before the first reconnect; it doubles each time, up to the maximum. */
#define REPLICA_MIN_BACKOFF_MS 1000
#define REPLICA_MAX_BACKOFF_MS 8000

struct replica_options {
	const char *address; /* as client_open()'s */
	struct stream_tls *tls;
	const char *db_name;
	/* NULL: all of every table. Other tables exist, and are empty. */
	const struct replica_table *tables;
	size_t n_tables;
	/* Connects again when the connection ends, and brings the tables up to date. */
	bool reconnects;
	int64_t min_backoff_ms; /* 0: REPLICA_MIN_BACKOFF_MS */
	/* The connection was lost ('why', borrowed), or the tables are up to date again
	 * (NULL). From the loop; may close the replica. May be NULL. */
	void (*state)(void *aux, const struct err *why);
	void *aux;
};

/* Fetches the schema and the rows; returns when both are here. Updates are applied as
 * they arrive on the loop, through transactions that observers see. What was missed while
 * the connection was down is one transaction, of differences only. Borrows 'o' for the
 * call, 'tls' as long as it reconnects. ERR_TIMED_OUT after 'timeout_ms' (-1: none). */
struct err *replica_open(struct loop *loop, const struct replica_options *o,
			 int64_t timeout_ms, struct replica **ret_replica) MUST_CHECK;
void replica_close(struct replica *r); /* accepts NULL */

struct db *replica_db(const struct replica *r);
/* NULL while the connection is down. */
struct client *replica_client(const struct replica *r);
/* NULL while the tables are up to date; else the reason. ERR_INTERRUPTED is final: the
 * server's schema has changed, or it no longer hosts the database. Borrowed. */
const struct err *replica_error(const struct replica *r);

/* Sends what 't' (a transaction on replica_db(), which stays uncommitted) changes to the
 * server, with 'extra' operations (an array or NULL; taken) behind it and a durable commit at
 * the end. Waits for the reply; when it succeeded, the tables here are changed already, and 't'
 * can only be freed. The loop must not run between the making of 't' and this call: the old
 * values of 't' are those of now. '*ret_results' holds the results of 'extra' alone
 * ('ret_results' may be NULL). ERR_TIMED_OUT with the meaning "changed meanwhile, try again" if
 * a wait of txn_to_operations() failed; ERR_BUSY if the server did not answer within
 * 'timeout_ms' (-1: no limit): then it is unknown whether the transaction was committed. */
struct err *replica_commit(struct replica *r, const struct txn *t,
			   struct json_object *extra, int64_t timeout_ms,
			   struct json_object **ret_results) MUST_CHECK;

#endif
