/* The devices of masters with `match`, as datapath/kernel/observe/observe_match.c finds them. */
#ifndef DATAPATH_SIM_MATCH_H
#define DATAPATH_SIM_MATCH_H 1

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_show.h"

/* What was found for a master of the scope. */
struct sim_match {
	struct twin_link *link; /* NULL: none */
	const char *candidates, *other_device;
	uint32_t route_ifindex;
};

/* True if the device is not the one of the master's name. */
bool sim_match_is_label(const struct model_master *asked);
/* By its name, if it has no `match`. 's' may be NULL. */
struct sim_match sim_match_find(struct sim_observation *k,
				const struct model_master *asked, struct twin_netns *s);
/* Notes for the events what was found. */
void sim_match_remember(struct sim_observation *k, const struct model_master *asked,
			const struct twin_netns *s, const struct sim_match *found);
/* Of a model that is loaded: the scope of that model is to be observed so. */
void sim_match_load(struct twin_world *w, const struct model_master *have);

/* True if the message is an event of the master. */
bool sim_match_concerns(const struct twin_world *w, const struct sim_watch *watch,
			const struct twin_message *m);

#endif
