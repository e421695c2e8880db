/* What clients monitor (RFC 7047 4.1.5, ovsdb-server(7) 4.1.12-4.1.15), and what each has
 * not been told yet.
 *
 * The monitors of a database are one set, told of each commit once, however many there
 * are: those that ask for the same and are equally far share what is noted and the text
 * that is sent. Nothing is queued for a slow client: between two messages its monitor
 * keeps, for each row that changed, what the client last saw; the difference is computed
 * when it can be sent. It neither sends nor schedules: the server does. */
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
/* Its monitors must be gone, as they must when db_on_converting() tells: what they ask
 * for is in words of the schema. Accepts NULL. */
void monitor_set_free(struct monitor_set *set);
struct db *monitor_set_db(const struct monitor_set *set);
/* A commit of the database, from its observer: to be called for each, exactly once. */
void monitor_set_note(struct monitor_set *set, const struct txn *txn);

/* 'requests' is <monitor-requests> or <monitor-cond-requests>; 'id' any JSON value; all
 * borrowed. 'since' is the last transaction that the client knows (MONITOR_COND_SINCE
 * only, else NULL). ERR_SYNTAX; of a condition, what condition_from_json() says. */
struct err *monitor_new(struct monitor_set *set, enum monitor_method method,
			const struct json_object *id, const struct json_object *requests,
			const struct uuid *since,
			struct monitor **ret_monitor) MUST_CHECK;
void monitor_free(struct monitor *m); /* accepts NULL */

const struct json_object *monitor_id(const struct monitor *m);
struct monitor_set *monitor_of_set(const struct monitor *m);
/* How many clauses each row that changes is asked one after the other, and not by a hash.
 */
size_t monitor_n_scanned(const struct monitor *m);
struct err *monitor_too_many_scanned(size_t max_scanned) MUST_CHECK; /* ERR_RESOURCES */

/* Appends the "result" of the reply to the request that made it: the rows as they are, or
 * since 'since' if the database's history reaches so far. Once, before anything else. */
void monitor_write_initial(struct monitor *m, struct buffer *out);
/* True if there may be something to tell. */
bool monitor_is_behind(const struct monitor *m);
/* Appends the whole notification that tells everything noted, which is then forgotten;
 * false, and nothing appended, if there is nothing to say. */
bool monitor_write_update(struct monitor *m, struct buffer *out);

/* monitor_cond_change: gives it 'new_id' and other conditions ('requests' is its third
 * parameter; tables not named keep theirs). What was due under the old conditions must
 * have been told before; the next monitor_write_update() tells the difference between
 * them under the new id. ERR_SYNTAX, also for a MONITOR_PLAIN, ERR_RESOURCES if its
 * monitor_n_scanned() would be above 'max_scanned', and the errors of conditions: nothing
 * is changed then. */
struct err *monitor_change(struct monitor *m, const struct json_object *new_id,
			   const struct json_object *requests,
			   size_t max_scanned) MUST_CHECK;

#endif
