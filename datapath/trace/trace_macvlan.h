/* What macvlans on a master do with packets. For this folder alone. */
#ifndef DATAPATH_TRACE_TRACE_MACVLAN_H
#define DATAPATH_TRACE_TRACE_MACVLAN_H 1

#include "datapath/trace/trace_walk.h"

/* From TRACE_PORT, of a slave with carrier. */
struct err *trace_macvlan_pass(struct trace_walk *w, const struct trace_point *at,
			       struct trace_point *ret_next) MUST_CHECK;
/* From TRACE_WIRE: the master itself sends it to the slave. */
struct trace_point trace_macvlan_from_host(struct trace_walk *w,
					   const struct model_master *m,
					   const struct model_slave *to);
/* The slave in mode passthru that takes what comes in; NULL if there is none. */
const struct model_slave *trace_macvlan_passthru(const struct model_master *m);
/* A frame from outside for the MAC address of the master. */
struct trace_point trace_macvlan_to_card(struct trace_walk *w,
					 const struct model_master *m);

#endif
