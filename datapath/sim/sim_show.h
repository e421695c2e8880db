/* How the simulated kernel shows a device and its routes in a model. */
#ifndef DATAPATH_SIM_SHOW_H
#define DATAPATH_SIM_SHOW_H 1

#include "datapath/sim/twin/twin_state.h"

struct sim_match;

/* One observation, in progress. */
struct sim_observation {
	struct twin_world *w;
	struct arena *a;
	const struct model *scope;
	enum datapath_depth depth;
	struct model *have;
	struct sim_match *matches; /* of the scope's masters, in their order */
	/* Devices that are shown though no row names them. */
	const struct twin_link **others;
	size_t n_others, others_cap;
	size_t masters_cap;
	size_t *slaves_caps, caps_cap; /* capacity of have->masters[i].slaves */
};

/* Our routes of the device (NULL: none yet), those of ours without a device if
 * 'shows_shared', and all foreign routes of the namespace that have a key of 'asked'. */
struct model_route *sim_show_routes(struct sim_observation *k, const struct twin_netns *s,
				    const struct twin_link *l,
				    const struct model_route *asked, size_t n_asked,
				    bool shows_shared, bool moves, size_t *ret_n);
/* The rules of ours in the namespace. */
struct model_rule *sim_show_rules(struct sim_observation *k, const struct twin_netns *s,
				  size_t *ret_n);
/* Those of other programs: seen.foreign_rules. */
void sim_show_foreign_rules(struct sim_observation *k, const struct twin_netns *s,
			    struct model_slave *out);
/* 'master': the device that the slave is listed under; NULL if it does not exist. */
void sim_show_slave(struct sim_observation *k, struct model_slave *out,
		    struct twin_link *l, const struct model_slave *asked,
		    const struct twin_link *master);
/* The VRF called 'asked', "" for none, as that which the row declares. */
void sim_show_vrf(struct arena *a, struct model_slave *out, const struct twin_netns *s,
		  const char *asked);
/* Its alias, alternative names and VRF. */
void sim_show_names(struct arena *a, struct model_slave *out, const struct twin_link *l);
/* The device of a master, and its port. */
void sim_show_master(struct sim_observation *k, struct model_master *m,
		     struct twin_link *l);
/* The addresses that slaves of 'asked' lack and foreign ipvlans have: seen.held. After the
 * slaves were shown. */
void sim_show_held(struct sim_observation *k, struct model_master *m,
		   const struct model_master *asked, struct twin_link *l);
/* Ours on it that are not among its slaves. After all slaves of all masters. */
void sim_show_members(struct sim_observation *k, struct model_master *m,
		      const struct twin_link *l);
/* True if the scope has a slave at the place of the device. */
bool sim_show_is_asked_for(const struct sim_observation *k, const struct twin_link *l);

#endif
