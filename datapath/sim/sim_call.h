/* A request on its way through the rules, with what it names. */
#ifndef DATAPATH_SIM_CALL_H
#define DATAPATH_SIM_CALL_H 1

#include "datapath/sim/sim_request.h"
#include "datapath/sim/sim_state.h"

struct sim_call {
	struct sim_world *w;
	const struct sim_request *r;
	struct sim_netns *ns;  /* of the socket */
	struct sim_link *link; /* that the request names; NULL: there is none */
	struct sim_link *made; /* by SIM_LINK_NEW; NULL: none */
};

#endif
