/* How an address of the simulated kernel differs from one that ipvl adds. */
#ifndef DATAPATH_SIM_ADDR_NOTES_H
#define DATAPATH_SIM_ADDR_NOTES_H 1

#include "datapath/sim/twin/twin_state.h"

/* enum model_address_note: how it differs from one that ipvl adds. */
unsigned int sim_addr_notes(const struct twin_link *l, const struct twin_addr *a);
/* The same with what a row may declare of it; without notes if it does not differ. */
struct model_address_seen sim_addr_seen(const struct twin_link *l,
					const struct twin_addr *a);
/* Makes the address differ so. */
void sim_addr_spoil(struct twin_link *l, struct twin_addr *a,
		    const struct model_address_seen *seen);

#endif
