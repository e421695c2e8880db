/* A request on its way through the rules, with what it names. */
#ifndef DATAPATH_SIM_TWIN_CALL_H
#define DATAPATH_SIM_TWIN_CALL_H 1

#include "datapath/sim/twin/twin_request.h"
#include "datapath/sim/twin/twin_state.h"

struct twin_call {
	struct twin_world *w;
	const struct twin_request *r;
	struct twin_netns *ns;  /* of the socket */
	struct twin_link *link; /* that the request names; NULL: there is none */
	struct twin_link *made; /* by TWIN_LINK_NEW; NULL: none */
};

#endif
