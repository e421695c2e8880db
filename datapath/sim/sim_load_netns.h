/* The namespaces of a model that is loaded, and what is in them beside devices. */
#ifndef DATAPATH_SIM_SIM_LOAD_NETNS_H
#define DATAPATH_SIM_SIM_LOAD_NETNS_H 1

#include "datapath/sim/sim_host.h"

/* The namespace with this text, which is made if there is none. */
struct twin_netns *sim_load_need_netns(struct twin_world *w, const char *name);
void sim_load_netns(struct twin_world *w, const struct model *have);
/* Routes and rules as observed. All devices of the model are in the world. */
void sim_load_inet(struct twin_world *w, const struct model *have);

#endif
