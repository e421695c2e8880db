/* The tables of routes of a simulated namespace. */
#ifndef DATAPATH_SIM_TWIN_ROUTE_H
#define DATAPATH_SIM_TWIN_ROUTE_H 1

#include "datapath/sim/twin/twin_state.h"

/* True if the program that ipvl is made it. */
bool twin_route_is_ours(const struct twin_world *w, const struct twin_route *r);
/* The same, of a route without a device. */
bool twin_route_is_our_reject(const struct twin_world *w, const struct twin_route *r);
/* As a model has it, with its type. */
struct model_route twin_route_model(const struct model_route *route, uint8_t type);
/* The kernel's own: for an address, or from a router's advertisement. */
bool twin_route_is_automatic(const struct twin_route *r);
/* Linux tb_id of the local table. */
bool twin_route_is_in_local(const struct twin_route *r);

/* The scope that `ip route` sends for a route of a model, and what a model has of the
 * scope of a route. */
uint8_t twin_route_scope(const struct model_route *r);
enum model_route_scope twin_route_model_scope(const struct twin_route *r);

/* One that an observation may show: not of the local table. */
bool twin_route_is_visible(const struct twin_route *r);
bool twin_route_is_asked_for(const struct twin_route *r, const struct model_route *asked,
			     size_t n_asked);

/* The first with the key; NULL if there is none. */
struct twin_route *twin_route_find(const struct twin_netns *s,
				   const struct model_route *key);
/* Adds a route without any check, before or after those of the same key. */
void twin_route_put(struct twin_netns *s, const struct twin_route *r, bool is_last);
void twin_route_remove(struct twin_netns *s, struct twin_route *r);
/* Removes those routes of the namespace for which 'is_dropped' holds, without an event of
 * their own (kernel.md 8). */
void twin_route_drop(struct twin_netns *s,
		     bool (*is_dropped)(const struct twin_route *r, const void *aux),
		     const void *aux);
/* The same for those through a device, of a family (0: any). */
void twin_route_drop_link(struct twin_link *l, int family);
/* Those that a device loses that is set down. */
void twin_route_drop_down(struct twin_link *l);
/* What a new MTU of the device makes of the MTUs of its IPv6 routes (Linux
 * rt6_mtu_change_route()). */
void twin_route_follow_mtu(struct twin_link *l, uint32_t old_mtu);
/* True if the address is in the local table of the namespace. */
bool twin_route_is_local(const struct twin_netns *s, const struct ip_addr *addr);

/* The routes that the kernel itself makes for an address, and removes with it (Linux
 * fib_add_ifaddr(), addrconf_prefix_route()). 'primary' is 'a' itself unless that is a
 * secondary. */
void twin_route_add_address(struct twin_link *l, const struct twin_addr *a,
			    const struct twin_addr *primary);
/* Of IPv6: the entry of the local table alone, at the end of duplicate address detection. */
void twin_route_add_local(struct twin_link *l, const struct twin_addr *a);
/* 'a' is not in the device's list any more. */
void twin_route_del_address(struct twin_link *l, const struct twin_addr *a,
			    const struct twin_addr *primary);
/* Exactly what the kernel has made for the address, and nothing that depends on it. */
void twin_route_del_own(struct twin_link *l, const struct twin_addr *a,
			const struct twin_addr *primary);
/* IPv6: the route to the subnet, if no route to it is left (kernel.md 21). */
void twin_route_restore_subnet(struct twin_link *l, const struct twin_addr *a);
/* The subnet of an address: that of the peer. */
struct ip_prefix twin_route_subnet(const struct twin_addr *a);

#endif
