/* The addresses of one device: first all addresses, then all routes, then the model. */
#ifndef DATAPATH_KERNEL_OBSERVE_OBSERVE_ADDR_H
#define DATAPATH_KERNEL_OBSERVE_OBSERVE_ADDR_H 1

#include "datapath/kernel/observe/observe_link.h"

struct nl_addr;
struct nl_route;
struct observed_addr;

/* One device of the model whose addresses and routes are read. */
struct observed_detail {
	/* NULL: absent; only routes that have a wanted key are read, and of a master what
	 * its sysctls will begin with. */
	struct observed_link *found;
	const struct netns_ref *ns;
	/* Of the observed model; 'master' where 'slave' is NULL. */
	struct model_slave *slave;
	struct model_master *master;
	/* Addresses of the scope's slave. */
	const struct ip_prefix *declared;
	size_t n_declared;
	/* As read so far. */
	struct observed_addr *addrs;
	size_t n_addrs, cap_addrs;
	/* Keys that a foreign route may have. */
	const struct model_route *wanted;
	size_t n_wanted;
	/* A master with `match`, which may have left such a route of ours on another device. */
	bool moves;
	/* A slave of the scope, or everything is observed: what the namespace has once for all
	 * of its slaves is shown with it. */
	bool shows_shared;
	/* A slave of the scope that may take over what it finds. */
	bool adopts;
	/* Keys to read. */
	const struct model_sysctl *sysctls;
	size_t n_sysctls;
};

void observe_addr_take(struct observation *o, struct observed_detail *d,
		       const struct nl_addr *a);
void observe_addr_take_route(struct observed_detail *d, const struct nl_route *r);
/* enum model_address_note: those that its own message shows. */
unsigned int observe_addr_notes(const struct nl_addr *a);
void observe_addr_fill(struct observation *o, struct observed_detail *d);

#endif
