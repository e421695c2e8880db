/* Masters with `match`: which messages about other devices, and about routes, are events of theirs.
 * Messages about their own device are, as of any master (event_sink.c). */
#include "datapath/kernel/events/events_watch.h"

#include <linux/rtnetlink.h>

static void emit(struct event_sink *s, const struct watch *w)
{
	event_emit_device(s, DATAPATH_MASTER_CHANGED, w->nsid, w->name,
			  (struct event_cause){.what = ""});
}

void events_watch_link(struct event_sink *s, int32_t nsid, const struct nl_link *old,
		       const struct nl_link *link, bool is_gone)
{
	for (const struct watch *w = s->k->watches.list; w; w = w->next) {
		if (w->nsid == nsid && watch_concerns_link(w, old, link, is_gone))
			emit(s, w);
	}
}

void events_watch_routes_of(struct event_sink *s, int32_t nsid, uint32_t ifindex)
{
	for (const struct watch *w = s->k->watches.list; w; w = w->next) {
		if (w->nsid == nsid && watch_concerns_routes_of(w, ifindex))
			emit(s, w);
	}
}

void events_watch_route(struct event_sink *s, int32_t nsid, const struct nl_route *r)
{
	if (r->route.to.len || r->route.table != RT_TABLE_MAIN)
		return;
	for (const struct watch *w = s->k->watches.list; w; w = w->next) {
		if (w->nsid == nsid && w->match.default_route)
			emit(s, w);
	}
}
