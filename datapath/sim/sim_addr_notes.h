/* How an address of the simulated kernel differs from one that ipvl adds. */
#ifndef DATAPATH_SIM_ADDR_NOTES_H
#define DATAPATH_SIM_ADDR_NOTES_H 1

#include "datapath/sim/twin/twin_state.h"

/* enum model_address_note: how it differs from one that ipvl adds. */
unsigned int sim_addr_notes(const struct twin_link *l, const struct twin_addr *a);
/* Makes the address differ so. 'peer' may be none. */
void sim_addr_spoil(struct twin_link *l, struct twin_addr *a, unsigned int notes,
		    const struct ip_addr *peer);

#endif
