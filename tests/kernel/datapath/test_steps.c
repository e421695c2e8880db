/* Every step on links, ports, namespaces and files: done, and refused. */
#include "tests/kernel/datapath/bench.h"

#include <sys/stat.h>
#include <unistd.h>

void test_thin_way(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_PRIVATE);
	struct model_slave slaves[] = {slave_of("ns1", "eth0"), slave_of("ns2", "eth0")};
	struct plan_step step;
	struct model_route r;
	struct model *have;
	const struct model_slave *s;
	uint32_t ifindex;

	with_slaves(&m, slaves, 2);
	have = observe(&m, 1, DATAPATH_SCOPE);
	CHECK(have->n_masters == 1);
	CHECK(have->masters[0].seen.presence == MODEL_FOREIGN);
	CHECK(!strcmp(have->masters[0].seen.kind, "dummy"));
	CHECK(!have->masters[0].seen.has_port && !have->masters[0].seen.is_up);
	CHECK(have->masters[0].slaves[0].seen.namespace_missing);

	CHECK(add_netns("ns1"));
	CHECK(add_netns("ns2"));
	RUN("ip netns exec ns1 ip link show lo up | grep -q LOOPBACK");
	RUN("test \"$(ip netns list | wc -l)\" = 2");

	step = step_of(PLAN_OP_MASTER_SET, &m, NULL, NULL);
	step.u.link.set_up = true;
	step.u.link.mtu = 1400;
	do_step(&step);
	RUN("ip link show m0 up | grep -q 'mtu 1400'");

	/* The name is taken where we are: the kernel must not care. */
	RUN("ip link add eth0 type dummy");
	ifindex = add_link(&m, &slaves[0]);
	CHECK(ifindex > 1000);
	slaves[1].mtu = 1300;
	add_link(&m, &slaves[1]);
	RUN("ip -n ns1 -d link show eth0 up | grep -q 'ipvlan  *mode l2 private'");
	RUN("ip -n ns1 -d link show eth0 | grep -q 'mtu 1400.* group %d '", MARK);
	RUN("ip -n ns2 -d link show eth0 | grep -q 'mtu 1300'");
	RUN("test $(ip netns exec ns1 cat /sys/class/net/eth0/ifindex) = %u", ifindex);

	m.mode = MODEL_MODE_L3;
	m.flag = MODEL_FLAG_BRIDGE;
	step = step_of(PLAN_OP_PORT_SET, &m, NULL, &slaves[0]);
	do_step(&step);
	RUN("ip -n ns2 -d link show eth0 | grep -q 'ipvlan  *mode l3 bridge'");

	add_addr(&m, &slaves[0], "10.0.0.2/24");
	add_addr(&m, &slaves[0], "2001:db8::2/64");
	add_addr(&m, &slaves[1], "10.0.0.3/24");
	r = route_of("0.0.0.0/0", "10.0.0.1");
	step = route_step(PLAN_OP_ROUTE_ADD, &m, &slaves[0], &r);
	do_step(&step);
	RUN("ip -n ns1 route show default | grep -q 'via 10.0.0.1 dev eth0 proto 76'");
	RUN("ip netns exec ns1 ping -c1 -W2 10.0.0.3 >/dev/null");

	have = observe(&m, 1, DATAPATH_SCOPE);
	CHECK(have->masters[0].n_slaves == 2);
	s = &have->masters[0].slaves[0];
	CHECK(s->seen.presence == MODEL_OURS && s->seen.is_on_master && s->seen.is_up);
	CHECK(s->seen.ifindex == ifindex && s->seen.mtu == 1400 && s->seen.has_carrier);
	CHECK(have->masters[0].slaves[1].seen.mtu == 1300);
	CHECK(have->masters[0].seen.has_ours &&
	      have->masters[0].seen.mode == MODEL_MODE_L3);
	CHECK(have->masters[0].seen.mtu == 1400 && have->masters[0].seen.is_up);
	CHECK(!*have->masters[0].seen.stranger);
	CHECK(s->n_addresses == 3 && s->n_routes == 1);
	CHECK(model_route_equals(&s->routes[0], &r) && !s->routes[0].seen_foreign);

	step = route_step(PLAN_OP_ROUTE_DEL, &m, s, &r);
	do_step(&step);
	step = step_of(PLAN_OP_ADDR_DEL, &m, &slaves[0], s);
	step.u.address = prefix("10.0.0.2/24");
	do_step(&step);
	RUN("! ip -n ns1 addr show eth0 | grep -q 10.0.0.2");
	RUN("! ip -n ns1 route | grep -q default");
	step = step_of(PLAN_OP_LINK_DEL, &m, NULL, s);
	do_step(&step);
	RUN("! ip -n ns1 link show eth0 2>/dev/null");
	RUN("ip -n ns2 link show eth0 >/dev/null");
	RUN("ip link show eth0 >/dev/null");
	/* Once more: it is gone, which is what was asked for. */
	do_step(&step);
}

void test_busy(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("", "s0");
	struct plan_step step;

	with_slaves(&m, &s, 1);
	CHECK(!*seen_master(&m, DATAPATH_SCOPE)->seen.busy);
	RUN("ip link add br0 type bridge && ip link set m0 master br0");
	CHECK(!strcmp(seen_master(&m, DATAPATH_SCOPE)->seen.busy, "bridge br0"));
	step = step_of(PLAN_OP_LINK_ADD, &m, &s, NULL);
	REFUSED(&step, ERR_BUSY, EBUSY, "");
	RUN("ip link set m0 nomaster && ip link add mv0 link m0 type macvlan");
	CHECK(!strcmp(seen_master(&m, DATAPATH_SCOPE)->seen.busy, "macvlan mv0"));
	RUN("ip link del mv0; ip link del br0");
	CHECK(!*seen_master(&m, DATAPATH_SCOPE)->seen.busy);
	add_link(&m, &s);
	CHECK(seen_master(&m, DATAPATH_SCOPE)->slaves[0].seen.presence == MODEL_OURS);
	RUN("ip link show s0 >/dev/null");
}

void test_refusals(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_master lo = master_of("lo", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave a = slave_of("ns1", "eth0"), b = slave_of("ns2", "eth0");
	struct plan_step step;
	struct model_route r;

	add_netns("ns1");
	RUN("ip link set m0 up");
	step = step_of(PLAN_OP_LINK_ADD, &m, &b, NULL);
	REFUSED(&step, ERR_NOT_FOUND, 0, "ns2");
	step = step_of(PLAN_OP_LINK_ADD, &lo, &a, NULL);
	REFUSED(&step, ERR_SYSTEM, EINVAL, "");
	add_netns("ns2");
	add_link(&m, &a);
	step = step_of(PLAN_OP_LINK_ADD, &m, &a, NULL);
	REFUSED(&step, ERR_EXISTS, 0, "a device of that name already (ipvlan)");
	add_link(&m, &b);
	add_addr(&m, &a, "10.0.0.2/24");
	step = step_of(PLAN_OP_ADDR_ADD, &m, &b, NULL);
	step.u.address = prefix("10.0.0.2/24");
	REFUSED(&step, ERR_BUSY, EADDRINUSE, "already assigned to an ipvlan device");
	r = route_of("0.0.0.0/0", "192.168.7.1");
	step = route_step(PLAN_OP_ROUTE_ADD, &m, &a, &r);
	REFUSED(&step, ERR_SYSTEM, ENETUNREACH, "");
	RUN("ip -n ns1 route add default via 10.0.0.9 dev eth0 proto static");
	r = route_of("0.0.0.0/0", "10.0.0.1");
	step = route_step(PLAN_OP_ROUTE_ADD, &m, &a, &r);
	REFUSED(&step, ERR_EXISTS, 0, "protocol static");

	/* No longer ours: nothing is written to it. */
	RUN("ip -n ns1 link del eth0 && ip -n ns1 link add eth0 type dummy");
	step = step_of(PLAN_OP_ADDR_ADD, &m, &a, NULL);
	step.u.address = prefix("10.0.0.3/24");
	REFUSED(&step, ERR_EXISTS, 0, "");
	step = step_of(PLAN_OP_LINK_DEL, &m, NULL, &a);
	do_step(&step);
	RUN("ip -n ns1 link show eth0 >/dev/null");
	/* Nor is another's ipvlan on the same master, under the same name, ours. */
	RUN("ip -n ns1 link del eth0 && ip link add name str0 link m0 type ipvlan mode "
	    "l2");
	RUN("ip link set str0 netns ns1 name eth0");
	do_step(&step);
	RUN("ip -n ns1 link show eth0 >/dev/null");
	step = step_of(PLAN_OP_LINK_SET, &m, &a, &a);
	step.u.link.set_up = true;
	REFUSED(&step, ERR_EXISTS, 0, "did not make");
}

void test_slave_changes(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_sysctl sysctls[] = {{"ipv4.arp_notify", "1"},
					 {"ipv6.accept_ra", "0"}};
	struct model_slave s = slave_of("ns1", "eth0"), renamed = slave_of("ns1", "x");
	const struct model_master *have;
	struct plan_step step;

	with_slaves(&m, &s, 1);
	s.sysctls = sysctls;
	s.n_sysctls = 2;
	RUN("ip link set m0 up");
	add_netns("ns1");
	add_link(&m, &s);
	/* Sysctls come before it is up. */
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(!have->slaves[0].seen.is_up);
	CHECK(have->slaves[0].n_sysctls == 2);
	CHECK(!strcmp(have->slaves[0].sysctls[0].value, "0"));
	CHECK(!strcmp(have->slaves[0].sysctls[1].value, "1"));
	for (size_t i = 0; i < 2; i++) {
		step = step_of(PLAN_OP_SYSCTL_SET, &m, &s, NULL);
		step.u.sysctl = sysctls[i];
		do_step(&step);
	}
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(!strcmp(have->slaves[0].sysctls[0].value, "1"));
	CHECK(!strcmp(have->slaves[0].sysctls[1].value, "0"));
	RUN("test $(ip netns exec ns1 cat /proc/sys/net/ipv6/conf/eth0/accept_ra) = 0");
	step = step_of(PLAN_OP_SYSCTL_SET, &m, &s, NULL);
	step.u.sysctl = (struct model_sysctl){"ipv4.../../../x", "1"};
	REFUSED(&step, ERR_INVALID, 0, "");
	step = step_of(PLAN_OP_LINK_SET, &m, &s, &s);
	step.u.link.set_up = true;
	step.u.link.mtu = 1280;
	do_step(&step);
	RUN("ip -n ns1 link show eth0 up | grep -q 'mtu 1280'");

	/* Under another name it is still found, and gets its own back. */
	RUN("ip -n ns1 link set eth0 down && ip -n ns1 link set eth0 name x");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->n_slaves == 2);
	CHECK(have->slaves[0].seen.presence == MODEL_ABSENT);
	CHECK(have->slaves[1].seen.presence == MODEL_OURS &&
	      !strcmp(have->slaves[1].name, "x"));
	step = step_of(PLAN_OP_LINK_RENAME, &m, &s, &renamed);
	do_step(&step);
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->n_slaves == 1 && have->slaves[0].seen.presence == MODEL_OURS);

	/* And so it is in another namespace. */
	listen_for(100);
	RUN("ip netns add elsewhere && ip -n ns1 link set eth0 netns elsewhere");
	HEAR("slave ns1/eth0 moved to another namespace");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->n_slaves == 2);
	CHECK(model_find_slave(have, "elsewhere", "eth0")->seen.presence == MODEL_OURS);
	step = step_of(PLAN_OP_LINK_DEL, &m, NULL,
		       model_find_slave(have, "elsewhere", "eth0"));
	do_step(&step);
	RUN("! ip -n elsewhere link show eth0 2>/dev/null");
	CHECK(seen_master(&m, DATAPATH_SCOPE)->n_slaves == 1);
}

void test_ports(void)
{
	struct model_master m[] = {master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE),
				   master_of("m1", MODEL_MODE_L2, MODEL_FLAG_BRIDGE),
				   master_of("nix", MODEL_MODE_L2, MODEL_FLAG_BRIDGE)};
	struct model_slave a[] = {slave_of("no", "a"), slave_of("ns1", "b"),
				  slave_of("ns1", "c")};
	struct model *have;

	RUN("ip link add m1 type dummy");
	add_netns("ns1");
	add_link(&m[0], &a[2]);
	with_slaves(&m[0], a, 3);
	/* What nobody is told of: the flag alone, and l3 to l3s. */
	RUN("ip -n ns1 link set c type ipvlan private");
	have = observe(m, 3, DATAPATH_PORTS);
	CHECK(have->n_masters == 3);
	CHECK(have->masters[0].seen.has_port &&
	      have->masters[0].seen.flag == MODEL_FLAG_PRIVATE);
	CHECK(have->masters[1].seen.presence == MODEL_FOREIGN &&
	      !have->masters[1].seen.has_port);
	CHECK(have->masters[2].seen.presence == MODEL_ABSENT);
	/* With an empty memory it is found by the slaves' names. */
	kernel_provider.close(dp);
	open_datapath();
	have = observe(m, 3, DATAPATH_PORTS);
	CHECK(have->masters[0].seen.has_port &&
	      have->masters[0].seen.flag == MODEL_FLAG_PRIVATE);
}

void test_group_deletion(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s[6] = {slave_of("ns1", "a"), slave_of("ns1", "b"),
				   slave_of("ns2", "a"), slave_of("ns2", "b"),
				   slave_of("ns2", "c"), slave_of("", "d")};
	struct plan_step steps[5];
	const struct plan_step *all[5];
	struct plan_result results[5] = {0};

	add_netns("ns1");
	add_netns("ns2");
	for (size_t i = 0; i < 6; i++)
		add_link(&m, &s[i]);
	for (size_t i = 0; i < 4; i++)
		steps[i] = step_of(PLAN_OP_LINK_DEL, &m, NULL, &s[i]);
	steps[4] = step_of(PLAN_OP_LINK_DEL, &m, NULL, &s[5]);
	for (size_t i = 0; i < 5; i++)
		all[i] = &steps[i];
	/* Of ns2, c stays; the stranger in ns1 stays. */
	RUN("ip -n ns1 link add link lo name q type dummy");
	kernel_provider.apply(dp, all, 5, results);
	for (size_t i = 0; i < 5; i++)
		CHECK(results[i].kind == PLAN_DONE);
	RUN("test \"$(ip -n ns1 -o link show type ipvlan; ip -o link show type ipvlan)\" "
	    "= ''");
	RUN("ip -n ns1 link show q >/dev/null");
	RUN("test $(ip -n ns2 -o link show type ipvlan | wc -l) = 1");
}

void test_vlan(void)
{
	struct model_master v = master_of("m0.7", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	const struct model_master *have;
	struct plan_step step;

	v.vlan_link = "m0";
	v.vlan_id = 7;
	with_slaves(&v, &s, 1);
	RUN("ip link set m0 up");
	CHECK(seen_master(&v, DATAPATH_SCOPE)->seen.presence == MODEL_ABSENT);
	/* The link is looked at as well. */
	CHECK(model_find_master(observe(&v, 1, DATAPATH_SCOPE), "", "m0")->seen.is_up);
	step = step_of(PLAN_OP_MASTER_ADD, &v, NULL, NULL);
	do_step(&step);
	have = seen_master(&v, DATAPATH_SCOPE);
	CHECK(have->seen.presence == MODEL_OURS && have->vlan_id == 7);
	CHECK(!strcmp(have->vlan_link, "m0") && !*have->seen.busy);
	step = step_of(PLAN_OP_MASTER_SET, &v, NULL, NULL);
	step.u.link.set_up = true;
	do_step(&step);
	add_netns("ns1");
	add_link(&v, &s);
	have = seen_master(&v, DATAPATH_SCOPE);
	CHECK(have->seen.is_up && have->slaves[0].seen.is_on_master && !*have->seen.busy);
	/* A stranger on it would go with it. */
	RUN("ip link add name str0 link m0.7 type ipvlan mode l2");
	step = step_of(PLAN_OP_MASTER_DEL, &v, NULL, NULL);
	REFUSED(&step, ERR_BUSY, 0, "");
	v.intent = MODEL_GONE;
	CHECK(!strcmp(seen_master(&v, DATAPATH_SCOPE)->seen.stranger, "str0"));
	RUN("ip link del str0");
	do_step(&step);
	RUN("! ip link show m0.7 2>/dev/null");
	RUN("ip link add link m0 name m0.7 type vlan id 9");
	CHECK(seen_master(&v, DATAPATH_SCOPE)->seen.presence == MODEL_FOREIGN);
	do_step(&step);
	RUN("ip link show m0.7 >/dev/null");
}

void test_resolv(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	struct plan_step step = step_of(PLAN_OP_RESOLV_SET, &m, &s, NULL);
	const struct model_slave *have;

	with_slaves(&m, &s, 1);
	s.nameservers = "10.0.0.1 10.0.0.2";
	s.search = "example.net";
	step.u.resolv_conf = model_resolv_conf(arena, &s);
	do_step(&step);
	RUN("grep -q '^nameserver 10.0.0.2$' /etc/netns/ns1/resolv.conf");
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	CHECK(!strcmp(have->seen.resolv_conf, step.u.resolv_conf) &&
	      !have->seen.resolv_conf_foreign);
	step.u.resolv_conf = "";
	do_step(&step);
	RUN("! test -e /etc/netns/ns1");
	RUN("mkdir -p /etc/netns/ns1 && echo nameserver 1.1.1.1 "
	    ">/etc/netns/ns1/resolv.conf");
	/* It makes room for ours, and comes back. */
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	CHECK(!*have->seen.resolv_conf && !have->seen.resolv_conf_foreign);
	REFUSED(&step, ERR_EXISTS, 0, "");
	step.u.resolv_conf = model_resolv_conf(arena, &s);
	do_step(&step);
	RUN("grep -q 10.0.0.1 /etc/netns/ns1/resolv.conf");
	step.u.resolv_conf = "";
	do_step(&step);
	RUN("grep -q 1.1.1.1 /etc/netns/ns1/resolv.conf");
	/* That of a daemon with another mark is foreign; an older ipvl wrote no mark. */
	RUN("printf '# written by ipvl\\n# group 5\\nnameserver 1.1.1.1\\n' "
	    ">/etc/netns/ns1/resolv.conf");
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	CHECK(!*have->seen.resolv_conf && have->seen.resolv_conf_foreign);
	REFUSED(&step, ERR_EXISTS, 0, "");
	RUN("sed -i '/group/d' /etc/netns/ns1/resolv.conf");
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	CHECK(*have->seen.resolv_conf && !have->seen.resolv_conf_foreign);
	do_step(&step);
	RUN("! test -e /etc/netns/ns1");
}
