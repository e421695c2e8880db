/* RTM_NEWROUTE and RTM_DELROUTE of programs, with the kernel's conditions. */
#ifndef DATAPATH_SIM_TWIN_ROUTE_NEW_H
#define DATAPATH_SIM_TWIN_ROUTE_NEW_H 1

#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_state.h"

/* 'l' NULL: no device was given. 'flags': enum twin_request_flag. */
struct err *twin_route_add(struct twin_world *w, struct twin_netns *s,
			   struct twin_link *l, const struct twin_route_request *r,
			   unsigned int flags) MUST_CHECK;
struct err *twin_route_del(struct twin_world *w, struct twin_netns *s,
			   const struct twin_link *l,
			   const struct twin_route_request *r) MUST_CHECK;

#endif
