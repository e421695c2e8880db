/* `transact` (RFC 7047 4.1.3, 4.1.4), and the transactions whose `wait` does not hold yet
 * (5.2.6). */
#ifndef OVSDB_TRANSACT_H
#define OVSDB_TRANSACT_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/server/group_commit.h"
#include "ovsdb-lite/server/session.h"
#include "ovsdb-lite/server/watch.h"
#include "ovsdb-lite/wire/jsonrpc.h"

#include <stdbool.h>

/* Of one database; it borrows all but 'first'. 'first' was tried longest ago, so that the
 * list goes on there in the next iteration of the loop. */
struct transact_queue {
	struct db *db;
	struct group_commit *commits;
	struct watch_list *watches;
	struct exec_guard guard;
	uint64_t n_commits; /* of the database */
	struct waiting *first;
	/* A turn has failed: so many transactions share none, each has its own result. */
	unsigned int n_alone;
};

/* What the clients ask for in one iteration of the loop is one turn of a database
 * (db_turn_begin()): they get their replies, and monitors their updates, when the file has
 * all of it. If the file refuses a turn, its transactions are run again, one by one. */
struct transact_turn;
struct transact_turn *transact_turn_new(void) __attribute__((warn_unused_result));
void transact_turn_free(struct transact_turn *t); /* accepts NULL */
/* Between these two, transactions may share a turn. */
void transact_turn_begin(struct session_common *common);
void transact_turn_end(struct session_common *common);
/* Ends the turn so far: to be called before anything else than a transaction reads the
 * database, or is sent. */
void transact_turn_flush(struct session_common *common);

struct err *transact_start(struct session *s, struct transact_queue *q,
			   const struct jsonrpc_message *m) MUST_CHECK;
/* Tries again those that wait for a commit; false if there was no time for all. */
bool transact_retry(struct transact_queue *q) __attribute__((warn_unused_result));
/* The client's waiting transaction with that id, if there is one: it is answered, and
 * dropped. */
void transact_cancel(struct session *s, const struct json_object *id);
/* The same for all of a database. */
void transact_cancel_all(struct transact_queue *q);
/* All of a client, without an answer. */
void transact_drop_all(struct session *s);

#endif
