/* Devices of the simulated kernel. */
#ifndef DATAPATH_SIM_LINK_H
#define DATAPATH_SIM_LINK_H 1

#include "datapath/sim/sim_state.h"

/* These two check nothing and make no event. */
struct sim_link *sim_link_new(struct sim_world *w, struct sim_netns *s, const char *name,
			      const char *kind);
void sim_link_free(struct sim_link *l);
/* Records where the device was observed, as the kernel provider does. */
void sim_link_note_place(struct sim_link *l, const char *netns, const char *name);
struct sim_link *sim_link_find(const struct sim_netns *s, const char *name);
bool sim_link_is_ours(const struct sim_world *w, const struct sim_link *l);
/* What else uses the device, so that it can carry no ipvlan: "bridge br0", "macvlan m0";
 * "" if nothing. */
const char *sim_link_busy(const struct sim_link *l, char *buf, size_t size);
bool sim_link_has_port(const struct sim_link *l);
/* 'lower' may be NULL. For an ipvlan: 'mode' -1 means that none is given (l3), 'flag' -1
 * keeps that of the port. */
struct err *sim_link_add(struct sim_world *w, struct sim_netns *s, const char *name,
			 const char *kind, struct sim_link *lower, int mode, int flag,
			 struct sim_link **ret_link) MUST_CHECK;
void sim_link_del(struct sim_world *w, struct sim_link *l);
struct err *sim_link_rename(struct sim_world *w, struct sim_link *l,
			    const char *name) MUST_CHECK;
/* Removes addresses, routes and IFF_UP (kernel.md 7). */
struct err *sim_link_move(struct sim_world *w, struct sim_link *l,
			  struct sim_netns *to) MUST_CHECK;
struct err *sim_link_up(struct sim_world *w, struct sim_link *l) MUST_CHECK;
void sim_link_down(struct sim_world *w, struct sim_link *l);
void sim_link_carrier(struct sim_world *w, struct sim_link *l, bool has_carrier);
struct err *sim_link_mtu(struct sim_world *w, struct sim_link *l,
			 uint32_t mtu) MUST_CHECK;
/* Sets mode and flag through any ipvlan of the port. */
struct err *sim_link_port(struct sim_world *w, struct sim_link *l, unsigned int mode,
			  unsigned int flag) MUST_CHECK;
void sim_link_sysctl(struct sim_link *l, const char *key, const char *value);
const char *sim_link_find_sysctl(const struct sim_link *l,
				 const char *key); /* "0" if it was never set. */

#endif
