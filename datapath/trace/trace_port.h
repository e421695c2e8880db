/* What an ipvlan port does with a packet of one of its slaves. For this folder alone. */
#ifndef DATAPATH_TRACE_TRACE_PORT_H
#define DATAPATH_TRACE_TRACE_PORT_H 1

#include "datapath/trace/trace_walk.h"

/* From TRACE_PORT. */
struct err *trace_port_pass(struct trace_walk *w, const struct trace_point *at,
			    struct trace_point *ret_next) MUST_CHECK;

#endif
