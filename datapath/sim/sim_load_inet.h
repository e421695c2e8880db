/* Loading the routes and rules of a model. */
#ifndef DATAPATH_SIM_LOAD_INET_H
#define DATAPATH_SIM_LOAD_INET_H 1

#include "datapath/model.h"

struct twin_world;

/* Routes and rules as observed. All devices of the model are in the world. */
void sim_load_inet(struct twin_world *w, const struct model *have);

#endif
