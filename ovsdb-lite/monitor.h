/* One client's monitor (RFC 7047 4.1.5): what it asked for, and what it has not been told
 * yet.
 *
 * Nothing is queued for a slow client: between two messages the monitor keeps, for each
 * row that changed, what the client last saw; the difference is computed when it can be
 * sent. */
#ifndef OVSDB_MONITOR_H
#define OVSDB_MONITOR_H 1

#include "lib/err.h"
#include "ovsdb-lite/db.h"

struct json_object;
struct monitor;

/* 'requests' is RFC 7047's <monitor-requests>; 'id' any JSON value. Borrows both. */
struct err *monitor_new(struct db *db, const struct json_object *id,
			const struct json_object *requests,
			struct monitor **ret_monitor) MUST_CHECK;
void monitor_free(struct monitor *m); /* accepts NULL */

const struct json_object *monitor_id(const struct monitor *m);
const struct db *monitor_db(const struct monitor *m);
/* The reply: the rows as they are ("initial"). Owned by the caller. */
struct json_object *monitor_initial(const struct monitor *m);
/* Notes a commit; called for each, also while the client is slow. */
void monitor_note(struct monitor *m, const struct txn *txn);
/* The `update` parameters [id, <table-updates>] of everything noted, which is then
 * forgotten; NULL if there is nothing to say. Owned by the caller. */
struct json_object *monitor_take_update(struct monitor *m);

#endif
