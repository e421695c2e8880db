/* The monitors of one client, and when their updates are sent. What an update holds is
 * the monitor's (ovsdb-lite/monitor). */
#ifndef OVSDB_WATCH_H
#define OVSDB_WATCH_H 1

#include "ovsdb-lite/monitor/monitor.h"
#include "ovsdb-lite/server/session.h"

#include <stdbool.h>

struct json_object;

/* The monitors of one database. 'first' was served longest ago, so that the list goes on
 * there in the next iteration of the loop. */
struct watch_list {
	struct monitor_set *monitors;
	uint64_t n_commits; /* of the database */
	struct watch *first;
};

/* One monitor of one client. */
struct watch {
	struct session *session;
	struct watch_list *list;
	struct monitor *monitor;
	char *key; /* json_key() of its id */
	size_t kept_bytes;
	uint64_t n_commits;        /* of the list, when its last update was due */
	struct watch *prev, *next; /* of the session, in the order of creation */
	UT_hash_handle hh;         /* of the session, by key */
	struct watch *prev_in_list, *next_in_list;
};

/* Takes 'm', whose id is at most SESSION_MAX_ID_BYTES long, and 'kept_bytes' of
 * session_keep(). */
void watch_add(struct session *s, struct watch_list *list, struct monitor *m,
	       size_t kept_bytes);
void watch_free(struct watch *w);
void watch_free_all(struct session *s);

/* By the monitor's id; NULL if there is none. */
struct watch *watch_find(const struct session *s, const struct json_object *id);
/* The monitor has a new id. */
void watch_set_key(struct watch *w);

/* Sends the client what this monitor, or all of its monitors, have noted: however slow
 * the client is… */
void watch_send(struct watch *w);
void watch_send_all(struct session *s);
/* …or only if it has read everything before. */
void watch_send_all_if_able(struct session *s);

/* Sends each watch what the last commit made due, if its client keeps up. False if there
 * was no time for all. */
bool watch_list_send(struct watch_list *list);
/* Frees all; clients that are change-aware get `monitor_canceled`. */
void watch_list_cancel(struct watch_list *list);

#endif
