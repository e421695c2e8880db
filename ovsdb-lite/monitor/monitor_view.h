/* A view: all monitors with equal requests. A commit is noted once for each position of
 * some of them, not once for each monitor. For monitor*.c alone. */
#ifndef OVSDB_MONITOR_VIEW_H
#define OVSDB_MONITOR_VIEW_H 1

#include "lib/hash_table.h"
#include "ovsdb-lite/monitor/monitor_changes.h"

struct monitor_view {
	struct monitor_view **views; /* that it is a member of */
	char *key;                   /* monitor_request_key() */
	struct monitor_request *request;
	struct monitor_changes *positions; /* list */
	/* The one where nothing changed yet; NULL if no monitor is there. */
	struct monitor_changes *now;
	size_t n_monitors;
	UT_hash_handle hh;
};

/* Joins the view of 'views' with an equal request, or makes it. Takes 'request'. */
struct monitor_view *monitor_view_join(struct monitor_view **views,
				       struct monitor_request *request);
/* The last one frees it. */
void monitor_view_leave(struct monitor_view *v);

void monitor_view_note(struct monitor_view *v, const struct txn *txn);

/* The position of a monitor whose client has everything. Leave it with
 * monitor_view_leave_position(). */
struct monitor_changes *monitor_view_enter_now(struct monitor_view *v)
	__attribute__((warn_unused_result));
/* A position of the monitor's own. Takes 'c', of this view's request. */
void monitor_view_enter(struct monitor_view *v, struct monitor_changes *c);
void monitor_view_leave_position(struct monitor_view *v, struct monitor_changes *c);

#endif
