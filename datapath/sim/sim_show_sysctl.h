/* Settings of devices in an observation. */
#ifndef DATAPATH_SIM_SHOW_SYSCTL_H
#define DATAPATH_SIM_SHOW_SYSCTL_H 1

#include "datapath/sim/sim_show.h"

/* What the scope asks for. */
void sim_show_sysctl_slave(struct sim_observation *k, struct model_slave *out,
			   const struct twin_link *l, const struct model_slave *asked);
/* Those of the master's own device that are declared or recorded. 'l' NULL: what one that ipvl
 * makes begins with. */
void sim_show_sysctl_own(struct sim_observation *k, struct model_master *m,
			 const struct model_master *asked, const struct twin_netns *s,
			 const struct twin_link *l);
/* Those of other devices that are recorded. */
void sim_show_sysctl_left(struct sim_observation *k, struct model_master *m,
			  const struct model_master *asked, struct twin_netns *s);

#endif
