/* Addresses of the simulated kernel. */
#ifndef DATAPATH_SIM_ADDR_H
#define DATAPATH_SIM_ADDR_H 1

#include "datapath/sim/sim_state.h"

/* RTM_NEWADDR; 'flags': enum sim_request_flag. */
struct err *sim_addr_add(struct sim_world *w, struct sim_link *l,
			 const struct sim_addr *a, unsigned int flags) MUST_CHECK;
/* RTM_DELADDR; 'peer' is none unless it is IFA_ADDRESS (kernel.md 21). */
struct err *sim_addr_del(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p,
			 const struct ip_addr *peer) MUST_CHECK;
/* The address with this local part and length; NULL if there is none. */
struct sim_addr *sim_addr_find(const struct sim_link *l, const struct ip_prefix *p);
/* As `ip address add` makes it. */
struct sim_addr sim_addr_plain(const struct ip_prefix *p);

/* The device was set up, or IPv6 was turned on: its addresses get their routes. */
void sim_addr_up(struct sim_link *l, int family);
/* It was set down: IPv6 addresses go, IPv4 addresses stay (kernel.md 8). */
void sim_addr_down(struct sim_world *w, struct sim_link *l);
/* IPv6 is turned off, with or without the folder of its sysctls. */
void sim_addr_drop_ipv6(struct sim_world *w, struct sim_link *l, bool is_whole);
/* The device moves to another namespace. */
void sim_addr_drop_all(struct sim_world *w, struct sim_link *l);
/* The MTU was changed for the device itself, not through its master (kernel.md 22). */
void sim_addr_own_mtu(struct sim_world *w, struct sim_link *l);
/* It is up and has carrier, or its state has changed: it gets IPv6, or loses it, if its
 * master has changed its MTU meanwhile. */
void sim_addr_ready(struct sim_world *w, struct sim_link *l);
/* Its flag NOARP has changed: the same, or duplicate address detection begins again. */
void sim_addr_noarp(struct sim_world *w, struct sim_link *l);

/* The part of an address that the ipvlan port compares. */
const struct ip_addr *sim_addr_in_port(const struct sim_addr *a);

/* Duplicate address detection for an address that the device has. */
void sim_addr_probe(struct sim_link *l, struct sim_addr *a);
/* enum model_address_note: how it differs from one that ipvl adds. */
unsigned int sim_addr_notes(const struct sim_link *l, const struct sim_addr *a);
/* Makes the address differ so. 'peer' may be none. */
void sim_addr_spoil(struct sim_link *l, struct sim_addr *a, unsigned int notes,
		    const struct ip_addr *peer);

#endif
