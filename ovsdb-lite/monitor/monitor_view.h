/* What several monitors look at together: all that ask for the same. A commit is noted
 * once for each position that some of them are at, not for each of them. For monitor*.c
 * alone. */
#ifndef OVSDB_MONITOR_VIEW_H
#define OVSDB_MONITOR_VIEW_H 1

#include "lib/hash_table.h"
#include "ovsdb-lite/monitor/monitor_changes.h"

struct monitor_view {
	struct monitor_view **views; /* where it stands */
	char *key;                   /* monitor_request_key() */
	struct monitor_request *request;
	struct monitor_changes *positions; /* list */
	struct monitor_changes *now;       /* of them, the one where nothing changed yet;
					    * NULL if nobody is there */
	size_t n_monitors;
	UT_hash_handle hh;
};

/* Joins the view of 'views' that asks for the same, or makes it. Takes 'request'. */
struct monitor_view *monitor_view_join(struct monitor_view **views,
				       struct monitor_request *request);
/* The last one frees it. */
void monitor_view_leave(struct monitor_view *v);

void monitor_view_note(struct monitor_view *v, const struct txn *txn);

/* The position of who has been told everything: to be given back. */
struct monitor_changes *monitor_view_enter_now(struct monitor_view *v)
	__attribute__((warn_unused_result));
/* A position of the monitor's own. Takes 'c', of this view's request. */
void monitor_view_enter(struct monitor_view *v, struct monitor_changes *c);
void monitor_view_leave_position(struct monitor_view *v, struct monitor_changes *c);

#endif
