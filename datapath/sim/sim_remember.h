/* What the provider remembers of an observation, for the events that follow. */
#ifndef DATAPATH_SIM_REMEMBER_H
#define DATAPATH_SIM_REMEMBER_H 1

#include "datapath/sim/sim_state.h"

/* 's': the namespace of the text; NULL if there is none. */
void sim_remember_slave(struct sim_world *w, struct sim_netns *s, const char *netns,
			const struct model_slave *asked);
/* 'is_whole': its routes were read too. */
void sim_remember_master(struct sim_world *w, const struct model_master *asked,
			 struct sim_link *l, bool is_whole);

#endif
