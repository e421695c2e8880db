/* Clients that read the history of a database (`get_history`). One client at a time does
 * so for more than one iteration of the loop: what was found by then takes memory, and is
 * kept for a moment for the client's next page. */
#ifndef OVSDB_SESSION_HISTORY_H
#define OVSDB_SESSION_HISTORY_H 1

#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/server/session.h"

#include <stdbool.h>

struct json_object;
struct session_history;

/* A page of the history. */
struct session_history_page {
	int64_t before; /* a serial; 0: from the newest entry */
	int64_t max;    /* entries */
	bool changes;   /* with what each changed */
};

/* Of one database. Borrows both. */
struct session_history *session_history_new(struct session_common *common, struct db *db)
	__attribute__((warn_unused_result));
void session_history_free(struct session_history *h); /* accepts NULL */
/* To be called at each commit. */
void session_history_note(struct session_history *h, const struct txn *txn);
/* Drops what was found: the database is converted. */
void session_history_forget(struct session_history *h);

/* Answers the request at once, or in later iterations as the session's task. Clones 'id'. */
void session_history_start(struct session *s, struct session_history *h,
			   const struct session_history_page *page,
			   const struct json_object *id);
/* The session goes: another client may have the reader. */
void session_history_stop(struct session *s);

#endif
