/* What changes on a device of the simulated kernel: up and down, carrier, MTU, MAC, the
 * port's mode and flag, its controller, its name, its end. */
#ifndef DATAPATH_SIM_LINK_STATE_H
#define DATAPATH_SIM_LINK_STATE_H 1

#include "datapath/sim/sim_state.h"

/* From this version on what is up can be renamed too (kernel.md 24). */
#define SIM_LIVE_RENAME 602

struct err *sim_link_up(struct sim_world *w, struct sim_link *l) MUST_CHECK;
void sim_link_down(struct sim_world *w, struct sim_link *l);
/* Plugs the cable, or unplugs it: what is above follows (kernel.md 19). */
void sim_link_carrier(struct sim_world *w, struct sim_link *l, bool has_carrier);
/* Linux dev_validate_mtu(). */
struct err *sim_link_check_mtu(const struct sim_link *l, uint32_t mtu) MUST_CHECK;
struct err *sim_link_mtu(struct sim_world *w, struct sim_link *l,
			 uint32_t mtu) MUST_CHECK;
struct err *sim_link_mac(struct sim_world *w, struct sim_link *l,
			 const char *mac) MUST_CHECK;
/* Sets mode and flag of the port that is on 'lower'; -1: unchanged. */
struct err *sim_link_port(struct sim_world *w, struct sim_link *lower, int mode,
			  int flag) MUST_CHECK;
/* 'controller' NULL: none. */
struct err *sim_link_control(struct sim_world *w, struct sim_link *l,
			     struct sim_link *controller) MUST_CHECK;
bool sim_link_can_rename(const struct sim_world *w, const struct sim_link *l);
struct err *sim_link_rename(struct sim_world *w, struct sim_link *l,
			    const char *name) MUST_CHECK;
/* Removes addresses, routes and IFF_UP (kernel.md 7). 'name': if its own is taken there;
 * NULL: none. */
struct err *sim_link_move(struct sim_world *w, struct sim_link *l, struct sim_netns *to,
			  const char *name) MUST_CHECK;
/* With everything on it. */
void sim_link_del(struct sim_world *w, struct sim_link *l);

#endif
