/* What a simulated namespace does with a packet (Linux ip_route_output_key(),
 * Linux ip_route_input()). */
#ifndef DATAPATH_SIM_TWIN_LOOKUP_H
#define DATAPATH_SIM_TWIN_LOOKUP_H 1

#include "datapath/sim/twin/twin_state.h"

/* Fills in the answer; the device's name is borrowed. 'in' and 'out' NULL: none given. */
void twin_lookup(const struct twin_netns *s, const struct twin_link *in,
		 const struct twin_link *out, struct datapath_lookup *l);

#endif
