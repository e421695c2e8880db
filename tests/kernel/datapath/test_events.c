/* The events that the provider reports. */
#include "tests/kernel/datapath/bench.h"

#include <stdio.h>
#include <sys/stat.h>

void test_events(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	const struct heard *heard;
	struct plan_step step;
	struct model_route r;

	RUN("ip link set m0 up");
	with_slaves(&m, &s, 1);
	add_netns("ns1");
	add_link(&m, &s);
	add_addr(&m, &s, "10.0.0.2/24");
	r = route_of("0.0.0.0/0", NULL);
	step = route_step(PLAN_OP_ROUTE_ADD, &m, &s, &r);
	do_step(&step);
	heard = listen_for(200);
	printf("# own work: %s\n", heard->text);
	CHECK(!strstr(heard->text, "address") && !strstr(heard->text, "route"));
	observe(&m, 1, DATAPATH_SCOPE);
	heard = listen_for(200);
	printf("# observation: %s\n", heard->text);
	CHECK(!heard->n);

	RUN("ip -n ns1 route del default");
	HEAR("slave ns1/eth0 route default removed by|");
	RUN("ip -n ns1 addr del 10.0.0.2/24 dev eth0");
	HEAR("slave ns1/eth0 address 10.0.0.2/24 removed by|");
	RUN("ip -n ns1 addr add 10.0.0.7/24 dev eth0");
	HEAR("slave ns1/eth0 address 10.0.0.7/24 added by|");
	RUN("ip -n ns1 link set eth0 mtu 1300");
	HEAR("slave ns1/eth0 mtu 1300|");
	RUN("ip -n ns1 link set eth0 down");
	HEAR("slave ns1/eth0 set down|");
	RUN("ip -n ns1 link set eth0 name x");
	heard = listen_for(150);
	check_heard(__LINE__, heard, "slave ns1/eth0 renamed to x|");
	check_heard(__LINE__, heard, "slave ns1/x |");
	RUN("ip -n ns1 link set x name eth0 up");
	listen_for(150);
	RUN("ip link add tmp0 link m0 type ipvlan");
	heard = listen_for(150);
	check_heard(__LINE__, heard,
		    "master /m0 the ipvlan tmp0, which is not ours, is on it by|");
	RUN("ip link del tmp0");
	check_heard(__LINE__, listen_for(150), "master /m0 ");
	RUN("ip link set m0 mtu 1200");
	HEAR("master /m0 mtu 1200|");
	RUN("ip link set m0 down");
	HEAR("master /m0 set down|");
	RUN("ip netns add other");
	HEAR("netns other/ appeared|");
	RUN("ip netns del other");
	HEAR("netns other/ is gone|");
	/* The messages of this change still have the old mode. */
	RUN("ip -n ns1 link set eth0 down && ip -n ns1 link set eth0 type ipvlan mode "
	    "l3");
	HEAR("slave ns1/eth0 set down");
	observe(&m, 1, DATAPATH_SCOPE);
	RUN("ip -n ns1 link set eth0 type ipvlan mode l2");
	HEAR("master /m0 |");
	RUN("ip -n ns1 link del eth0");
	HEAR("slave ns1/eth0 deleted"); /* 6.12 reports no pid (kernel.md 14) */
	RUN("ip link add late type dummy");
	HEAR("master /late |");
	RUN("ip netns del ns1");
	HEAR("netns ns1/ is gone|");
	/* Not inside /run/netns, and by a mount alone. */
	RUN("ip netns add a; mkdir /run/x; touch /run/x/b");
	s = slave_of("/run/x/b", "eth0");
	CHECK(observe(&m, 1, DATAPATH_SCOPE)
		      ->masters[0]
		      .slaves[0]
		      .seen.namespace_missing);
	listen_for(150);
	RUN("mount --bind /run/netns/a /run/x/b");
	HEAR("netns /run/x/b/ ");
	CHECK(!observe(&m, 1, DATAPATH_SCOPE)
		       ->masters[0]
		       .slaves[0]
		       .seen.namespace_missing);
}
