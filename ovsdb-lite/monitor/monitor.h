/* What clients monitor (RFC 7047 4.1.5, ovsdb-server(7) 4.1.12-4.1.15), and what was not
 * sent to each yet.
 *
 * The monitors of a database are one set, which notes each commit once: monitors with
 * equal requests at the same position share the notes and the text that is sent. Nothing
 * is queued for a slow client: between two messages its monitor keeps, for each row that
 * changed, the values at the client; the difference is computed when it can be sent. */
#ifndef OVSDB_MONITOR_H
#define OVSDB_MONITOR_H 1

#include "lib/buffer.h"
#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

#include <stdbool.h>

struct json_object;
struct monitor;
struct monitor_set;

enum monitor_method {
	MONITOR_PLAIN,      /* `monitor`: replies and sends RFC 7047's <table-updates> */
	MONITOR_COND,       /* `monitor_cond`: <table-updates2>, `update2` */
	MONITOR_COND_SINCE, /* the same with transaction ids: `update3` */
};

/* Borrows 'db'. */
struct monitor_set *monitor_set_new(struct db *db) __attribute__((warn_unused_result));
/* All its monitors must be freed before; also before the schema of 'db' is converted,
 * because requests point into it (db_on_converting()). Accepts NULL. */
void monitor_set_free(struct monitor_set *set);
struct db *monitor_set_db(const struct monitor_set *set);
/* Notes a commit. The observer of the database calls it exactly once for each. */
void monitor_set_note(struct monitor_set *set, const struct txn *txn);

/* 'requests' is <monitor-requests> or <monitor-cond-requests>; 'id' any JSON value; all
 * borrowed. 'since' is the last transaction that the client has (MONITOR_COND_SINCE only,
 * else NULL). ERR_SYNTAX, and the errors of condition_from_json(). */
struct err *monitor_new(struct monitor_set *set, enum monitor_method method,
			const struct json_object *id, const struct json_object *requests,
			const struct uuid *since,
			struct monitor **ret_monitor) MUST_CHECK;
void monitor_free(struct monitor *m); /* accepts NULL */

const struct json_object *monitor_id(const struct monitor *m);
struct monitor_set *monitor_of_set(const struct monitor *m);
/* How many clauses are evaluated one by one, not by a hash, for each row that changes. */
size_t monitor_n_scanned(const struct monitor *m);
struct err *monitor_too_many_scanned(size_t max_scanned) MUST_CHECK; /* ERR_RESOURCES */

/* Appends the "result" of the reply to the request that made it: the rows as they are, or
 * since 'since' if the database's history reaches so far. Once, before anything else. */
void monitor_write_initial(struct monitor *m, struct buffer *out);
/* True if there may be something to send. */
bool monitor_is_behind(const struct monitor *m);
/* Appends the whole notification of everything noted so far, and forgets it; false, and
 * nothing appended, if there is nothing to send. */
bool monitor_write_update(struct monitor *m, struct buffer *out);

/* monitor_cond_change: sets 'new_id' and other conditions ('requests' is the third
 * parameter; tables that it does not name keep theirs). Call monitor_write_update() first,
 * for what is due under the old conditions; the next one writes the difference between
 * the conditions, under the new id. ERR_SYNTAX, also for a MONITOR_PLAIN, ERR_RESOURCES
 * if monitor_n_scanned() would be above 'max_scanned', and the errors of conditions: then
 * nothing is changed. */
struct err *monitor_change(struct monitor *m, const struct json_object *new_id,
			   const struct json_object *requests,
			   size_t max_scanned) MUST_CHECK;

#endif
