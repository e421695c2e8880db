/* A database that the server hosts. */
#ifndef OVSDB_HOSTED_DB_H
#define OVSDB_HOSTED_DB_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/server/group_commit.h"
#include "ovsdb-lite/server/session.h"
#include "ovsdb-lite/server/session_history.h"
#include "ovsdb-lite/server/transact.h"
#include "ovsdb-lite/server/watch.h"

#include <stdbool.h>

struct hosted_db {
	struct session_common *common;
	struct db *db;
	char *name;           /* db_name() moves at a conversion */
	struct db *server_db; /* `_Server`, may be 'db' itself: server_db.h */
	bool is_schema_fixed; /* clients may not convert it */
	struct db_observer *observer;
	struct group_commit *commits;
	struct session_history *history;
	struct watch_list watches;
	struct transact_queue waiting;
	/* For what a commit causes and must not run in the middle of a request. */
	struct loop_timer *settle;
	struct loop_timer *synced; /* in the iteration after a sync */
	bool is_settling;          /* it runs */
	struct loop_timer *rest;   /* when the database is set back from busy */
	struct loop_timer *idle;   /* when the log is made short */
	bool is_busy;
	UT_hash_handle hh; /* of common->dbs, by name */
};

/* Adds it to common->dbs. Borrows all. */
void hosted_db_new(struct session_common *common, struct db *db, struct db *server_db,
		   struct worker *syncer, struct worker *checkpointer);
/* Its monitors and waiting transactions must be gone, and group_commit_finish() done.
 * Accepts NULL. */
void hosted_db_free(struct hosted_db *d);

/* Converts it to another schema: db_convert()'s errors. Monitors and waiting transactions
 * are canceled. Clients that are not change-aware are disconnected: 'asker' when it has
 * its reply, which is the caller's to send, the others at once. */
struct err *hosted_db_convert(struct hosted_db *d, const struct schema *schema,
			      struct session *asker) MUST_CHECK;

#endif
