/* Counters of simulated devices: which are there. They carry no packets, so all are 0. */
#include "datapath/sim/sim_count.h"

#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"

struct err *sim_count(struct datapath *dp, struct datapath_counters *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct twin_netns *s =
			twin_netns_find_alive(&dp->world, list[i].netns);

		list[i].is_there = s && twin_link_find(s, list[i].name);
	}
	return NULL;
}
