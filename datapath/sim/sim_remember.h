/* What the provider remembers of an observation, for the events that follow, and for the
 * next one: the device that was last seen at a place. */
#ifndef DATAPATH_SIM_REMEMBER_H
#define DATAPATH_SIM_REMEMBER_H 1

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_state.h"

/* The device that was last seen at a place that it has left. */
struct sim_lost {
	struct sim_key was;     /* ifindex 0: none */
	uint32_t moved_to;      /* its ifindex in another namespace; 0: not moved */
	struct twin_link *link; /* where it is now; NULL if it was not found */
};

/* Nothing is at the place, or another program's device and ours may have left it. */
bool sim_remember_has_left(const struct twin_world *w, const struct twin_link *at_place,
			   const struct model_slave *asked);
/* 's': the namespace of the place; NULL if there is none. */
struct sim_lost sim_remember_lost_slave(const struct twin_world *w,
					const struct twin_netns *s,
					const struct model_slave *asked,
					const struct twin_link *master);
struct sim_lost sim_remember_lost_master(const struct twin_world *w,
					 const struct twin_netns *s, const char *name);

/* 'lost': of the place, if its device has left it. A device that was lost and not found again is
 * forgotten. */
void sim_remember_slave(struct twin_world *w, struct twin_netns *s,
			const struct model_slave *asked, const struct sim_lost *lost);
/* The device of a master, NULL if there is none. 'is_whole': its routes were read too. */
void sim_remember_master(struct twin_world *w, const struct model_master *asked,
			 struct twin_link *l, bool is_whole);
/* Where the master was looked for; after its slaves, which may be the same device. */
void sim_remember_master_place(struct twin_world *w, const struct twin_netns *s,
			       const struct model_master *asked, struct twin_link *l,
			       const struct sim_lost *lost);
/* A device that no row names, on a master or below a slave. */
void sim_remember_other(struct twin_world *w, const struct twin_link *l, bool is_master);

#endif
