/* Steps on addresses and routes. */
#include "tests/kernel/datapath/bench.h"

#include <arpa/inet.h>

#include <stdio.h>

void test_routes(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	struct model_route want[6] = {
		route_of("0.0.0.0/0", "10.9.9.9"), route_of("10.5.0.0/16", NULL),
		route_of("::/0", "2001:db8::1"),   route_of("2001:db8:5::/48", NULL),
		route_of("10.6.0.0/16", NULL),     route_of("10.7.0.0/16", "10.0.0.1"),
	};
	const struct model_master *have;
	struct plan_step step;

	with_slaves(&m, &s, 1);
	RUN("ip link set m0 up");
	add_netns("ns1");
	add_link(&m, &s);
	add_addr(&m, &s, "10.0.0.2/24");
	add_addr(&m, &s, "2001:db8::2/64");
	want[0].on_link = true;
	want[1].table = 1000;
	want[2].metric = 77;
	want[4].from = addr("10.0.0.2");
	want[5].metric = 100;
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		step = route_step(PLAN_OP_ROUTE_ADD, &m, &s, &want[i]);
		do_step(&step);
	}
	s.routes = want;
	s.n_routes = ARRAY_SIZE(want);
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->slaves[0].n_routes == ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		bool is_found = false;

		for (size_t k = 0; k < ARRAY_SIZE(want); k++)
			is_found |=
				model_route_equals(&want[i], &have->slaves[0].routes[k]);
		if (!is_found)
			printf("# missing: %s\n", model_route_text(arena, &want[i]));
		CHECK(is_found);
	}
	/* What is there already is as good as added. */
	step = route_step(PLAN_OP_ROUTE_ADD, &m, &s, &want[0]);
	do_step(&step);
	add_addr(&m, &s, "10.0.0.2/24");
	add_addr(&m, &s, "2001:db8::2/64");
	/* A stranger's, with the same key, on another device. */
	step = route_step(PLAN_OP_ROUTE_DEL, &m, &s, &want[5]);
	do_step(&step);
	RUN("ip -n ns1 link add name dum0 type dummy && ip -n ns1 link set dum0 up");
	RUN("ip -n ns1 addr add 10.1.1.1/24 dev dum0");
	RUN("ip -n ns1 route add 10.7.0.0/16 dev dum0 metric 100");
	RUN("ip -n ns1 route add 10.8.0.0/16 dev eth0 proto static");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->slaves[0].n_routes == ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		CHECK(have->slaves[0].routes[i].seen_foreign ==
		      !model_route_key_cmp(&have->slaves[0].routes[i], &want[5]));
	listen_for(100);
	RUN("ip -n ns1 route del 10.7.0.0/16 dev dum0 metric 100");
	HEAR("slave ns1/eth0 route 10.7.0.0/16 metric 100 removed by|");
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		step = route_step(PLAN_OP_ROUTE_DEL, &m, &s, &want[i]);
		do_step(&step);
	}
	RUN("test -z \"$(ip -n ns1 route show table all proto 76; ip -n ns1 -6 route "
	    "show table all proto 76)\"");
	RUN("ip -n ns1 route show | grep -q 10.8.0.0");

	/* The master's own. */
	RUN("ip addr add 10.1.0.1/24 dev m0");
	want[0] = route_of("10.0.0.0/24", "10.1.0.2");
	step = route_step(PLAN_OP_ROUTE_ADD, &m, NULL, &want[0]);
	do_step(&step);
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->n_routes == 1 && model_route_equals(&have->routes[0], &want[0]));
	step = route_step(PLAN_OP_ROUTE_DEL, &m, NULL, &want[0]);
	do_step(&step);
	CHECK(!seen_master(&m, DATAPATH_SCOPE)->n_routes);
}

void test_addresses(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	const struct model_slave *have;

	with_slaves(&m, &s, 1);
	RUN("ip link set m0 up");
	add_netns("ns1");
	add_link(&m, &s);
	add_addr(&m, &s, "10.0.0.2/24");
	RUN("ip -n ns1 addr add 10.0.0.3/24 dev eth0 valid_lft 1000 preferred_lft 1000");
	RUN("ip -n ns1 addr add 169.254.3.3/16 dev eth0");
	RUN("ip -n ns1 addr add 10.0.0.4/24 dev eth0");
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	/* Permanent ones, link-local or not: 10.0.0.2, .4, 169.254.3.3 and the kernel's
	 * fe80::. */
	CHECK(have->n_addresses == 4);
	CHECK(!ip_prefix_cmp(&have->addresses[0],
			     &(struct ip_prefix){addr("10.0.0.2"), 24}));
	CHECK(!ip_prefix_cmp(&have->addresses[1],
			     &(struct ip_prefix){addr("10.0.0.4"), 24}));
	CHECK(have->addresses[3].addr.family == AF_INET6);
	CHECK(!model_find_noted(have, &have->addresses[0]));
}
