/* RTM_NEWROUTE and RTM_DELROUTE of programs, with the kernel's conditions. */
#ifndef DATAPATH_SIM_ROUTE_NEW_H
#define DATAPATH_SIM_ROUTE_NEW_H 1

#include "datapath/sim/sim_request.h"
#include "datapath/sim/sim_state.h"

/* 'l' NULL: no device was given. 'flags': enum sim_request_flag. */
struct err *sim_route_add(struct sim_world *w, struct sim_netns *s, struct sim_link *l,
			  const struct sim_route_request *r,
			  unsigned int flags) MUST_CHECK;
struct err *sim_route_del(struct sim_world *w, struct sim_netns *s,
			  const struct sim_link *l,
			  const struct sim_route_request *r) MUST_CHECK;

#endif
