/* Addresses and routes of the simulated kernel, with the conditions of the real one. */
#ifndef DATAPATH_SIM_INET_H
#define DATAPATH_SIM_INET_H 1

#include "datapath/sim/sim_state.h"

struct err *sim_addr_add(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p) MUST_CHECK;
struct err *sim_addr_del(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p) MUST_CHECK;
/* Changes an address that is present. 'peer' may be none. EADDRNOTAVAIL if there is no
 * such address. */
struct err *sim_addr_note(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p, unsigned int notes,
			  const struct ip_addr *peer) MUST_CHECK;
/* Duplicate address detection: an address that another host has is marked. The mark stays
 * when the other host is gone, since the kernel does not check again. */
void sim_addr_probe(struct sim_link *l);
/* Adds an address that is present: corrects what the kernel corrects; EEXIST if it does
 * not. */
struct err *sim_addr_mend(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p) MUST_CHECK;
bool sim_addr_has(const struct sim_link *l, const struct ip_prefix *p);
/* True if the address, which is present, has this peer (or none). A deletion has to name
 * it. */
bool sim_addr_has_peer(const struct sim_link *l, const struct ip_prefix *p,
		       const struct ip_addr *peer);
struct err *sim_route_add(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours) MUST_CHECK;
/* ESRCH if the device has no such route, or only one of the other owner. */
struct err *sim_route_del(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours) MUST_CHECK;

#endif
