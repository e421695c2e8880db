/* The entrance for requests, of the provider and of other processes. */
#ifndef DATAPATH_SIM_TWIN_EXECUTE_H
#define DATAPATH_SIM_TWIN_EXECUTE_H 1

#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_state.h"

/* '*ret_made': the device that TWIN_LINK_NEW has made; may be NULL. */
struct err *twin_execute(struct twin_world *w, const struct twin_request *r,
			 struct twin_link **ret_made) MUST_CHECK;

#endif
