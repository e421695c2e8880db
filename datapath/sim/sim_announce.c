/* Announcements: checked as the kernel provider checks them (datapath/kernel/advertise.c),
 * and recorded for tests. */
#include "datapath/sim/sim_announce.h"

#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <stdlib.h>

static const struct twin_addr *find_addr(const struct twin_link *l,
					 const struct ip_addr *address)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].prefix.addr, address))
			return &l->addresses[i];
	}
	return NULL;
}

static bool answers_arp(const struct twin_link *l)
{
	uint8_t mode = twin_link_mode(l).mode;

	return mode == MODEL_MODE_L2 || mode == MODEL_MODE_PASSTHRU;
}

static enum datapath_announced result_of(const struct twin_world *w,
					 const struct datapath_announcement *one)
{
	const struct twin_netns *ns = twin_netns_find_alive(w, one->netns);
	const struct twin_link *l = ns ? twin_link_find(ns, one->name) : NULL;
	const struct twin_addr *a;

	if (!l || !twin_link_is_slave(l) || !twin_link_is_ours(w, l) || !answers_arp(l) ||
	    l->is_noarp)
		return DATAPATH_ANNOUNCE_NEVER;
	a = find_addr(l, &one->address);
	if (!a || a->is_duplicate)
		return DATAPATH_ANNOUNCE_NEVER;
	return !l->is_up || !l->has_carrier || !l->lower->is_up ? DATAPATH_ANNOUNCE_LATER
								: DATAPATH_ANNOUNCED;
}

static void record(struct datapath *dp, const struct datapath_announcement *one)
{
	char *old = dp->announced, address[IP_TEXT_BYTES];

	dp->announced = xasprintf("%s%s/%s %s\n", old ? old : "", one->netns, one->name,
				  ip_addr_format(&one->address, address));
	free(old);
}

bool sim_announce(struct datapath *dp, struct datapath_announcement *list, size_t n)
{
	if (dp->is_announcing)
		return false;
	for (size_t i = 0; i < n; i++) {
		list[i].result = result_of(&dp->world, &list[i]);
		if (list[i].result == DATAPATH_ANNOUNCED)
			record(dp, &list[i]);
	}
	return true;
}
