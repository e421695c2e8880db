/* Addresses of the simulated kernel. */
#ifndef DATAPATH_SIM_TWIN_ADDR_H
#define DATAPATH_SIM_TWIN_ADDR_H 1

#include "datapath/sim/twin/twin_state.h"

/* RTM_NEWADDR; 'flags': enum twin_request_flag. */
struct err *twin_addr_add(struct twin_world *w, struct twin_link *l,
			  const struct twin_addr *a, unsigned int flags) MUST_CHECK;
/* RTM_DELADDR; 'peer' is none unless it is IFA_ADDRESS (kernel.md 21). */
struct err *twin_addr_del(struct twin_world *w, struct twin_link *l,
			  const struct ip_prefix *p,
			  const struct ip_addr *peer) MUST_CHECK;
/* The address with this local part and length; NULL if there is none. */
struct twin_addr *twin_addr_find(const struct twin_link *l, const struct ip_prefix *p);
/* As `ip address add` makes it. */
struct twin_addr twin_addr_plain(const struct ip_prefix *p);

/* The device was set up, or IPv6 was turned on: its addresses get their routes. */
void twin_addr_up(struct twin_link *l, int family);
/* It was set down: IPv6 addresses go, IPv4 addresses stay (kernel.md 8). */
void twin_addr_down(struct twin_world *w, struct twin_link *l);
/* IPv6 is turned off, with or without the folder of its sysctls. */
void twin_addr_drop_ipv6(struct twin_world *w, struct twin_link *l, bool is_whole);
/* The device moves to another namespace. */
void twin_addr_drop_all(struct twin_world *w, struct twin_link *l);
/* The MTU was changed for the device itself, not through its master (kernel.md 22). */
void twin_addr_own_mtu(struct twin_world *w, struct twin_link *l);
/* It is up and has carrier, or its state has changed: it gets IPv6, or loses it, if its
 * master has changed its MTU meanwhile. */
void twin_addr_ready(struct twin_world *w, struct twin_link *l);
/* Its flag NOARP has changed: the same, or duplicate address detection begins again. */
void twin_addr_noarp(struct twin_world *w, struct twin_link *l);

/* The part of an address that the ipvlan port compares. */
const struct ip_addr *twin_addr_in_port(const struct twin_addr *a);

/* Duplicate address detection for an address that the device has. */
void twin_addr_probe(struct twin_link *l, struct twin_addr *a);
#endif
