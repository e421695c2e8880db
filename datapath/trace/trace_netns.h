/* What a namespace does with the packet. For this folder alone. */
#ifndef DATAPATH_TRACE_TRACE_NETNS_H
#define DATAPATH_TRACE_TRACE_NETNS_H 1

#include "datapath/trace/trace_walk.h"

/* From TRACE_SENT and TRACE_ENTERS. Sets the source of the packet if it has none. */
struct err *trace_netns_pass(struct trace_walk *w, const struct trace_point *at,
			     struct trace_point *ret_next) MUST_CHECK;
/* From TRACE_LEAVES. */
struct trace_point trace_netns_leave(struct trace_walk *w, const struct trace_point *at);

#endif
