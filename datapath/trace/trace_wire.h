/* The link of a master, and what is beyond it. For this folder alone. */
#ifndef DATAPATH_TRACE_TRACE_WIRE_H
#define DATAPATH_TRACE_TRACE_WIRE_H 1

#include "datapath/trace/trace_walk.h"

/* From TRACE_WIRE: the master itself asks for the next hop, which may be a slave. */
struct trace_point trace_wire_pass(struct trace_walk *w, const struct trace_point *at);
/* A frame for the MAC of the master comes in from the wire. */
struct trace_point trace_wire_receive(struct trace_walk *w, const struct model_master *m);
/* From TRACE_OUTSIDE. */
struct err *trace_wire_outside(struct trace_walk *w, const struct trace_point *at,
			       struct trace_point *ret_next) MUST_CHECK;
/* From TRACE_RETURNS. */
struct err *trace_wire_return(struct trace_walk *w, const struct trace_point *at,
			      struct trace_point *ret_next) MUST_CHECK;

#endif
