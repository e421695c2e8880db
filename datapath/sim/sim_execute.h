/* The entrance for requests, of the provider and of other processes. */
#ifndef DATAPATH_SIM_EXECUTE_H
#define DATAPATH_SIM_EXECUTE_H 1

#include "datapath/sim/sim_request.h"
#include "datapath/sim/sim_state.h"

/* '*ret_made': the device that SIM_LINK_NEW has made; may be NULL. */
struct err *sim_execute(struct sim_world *w, const struct sim_request *r,
			struct sim_link **ret_made) MUST_CHECK;

#endif
