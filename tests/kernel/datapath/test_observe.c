/* What an observation has of a host, and of what is not ours. */
#include "tests/kernel/datapath/bench.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void test_strangers(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s = slave_of("ns1", "eth0");
	const struct model_master *have;

	with_slaves(&m, &s, 1);
	RUN("ip netns add ns1; ip netns add far; ip link add str0 link m0 type ipvlan "
	    "mode "
	    "l3s private");
	RUN("ip link set str0 netns far");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->seen.has_port && !have->seen.has_ours);
	CHECK(have->seen.mode == MODEL_MODE_L3S && have->seen.flag == MODEL_FLAG_PRIVATE);
	CHECK(!strcmp(have->seen.stranger, "far/str0"));
	CHECK(have->seen.stranger_mode == MODEL_MODE_L3S);
	CHECK(have->slaves[0].seen.presence == MODEL_ABSENT);

	/* At the slave's own place. */
	RUN("ip -n far link set str0 netns ns1 name eth0");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->slaves[0].seen.presence == MODEL_FOREIGN);
	CHECK(have->slaves[0].seen.is_on_master);
	CHECK(!strcmp(have->seen.stranger, "ns1/eth0"));
	RUN("ip -n ns1 link del eth0; ip -n ns1 link add eth0 type dummy");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->slaves[0].seen.presence == MODEL_FOREIGN && !have->seen.has_port);
	CHECK(!strcmp(have->slaves[0].seen.kind, "dummy"));
	RUN("ip -n ns1 link set eth0 name dum0; ip -n ns1 link property add dev dum0 "
	    "altname "
	    "eth0");
	have = seen_master(&m, DATAPATH_EVERYTHING);
	CHECK(have->slaves[0].seen.presence == MODEL_FOREIGN);
	RUN("ip -n ns1 link del dum0");

	/* With another's mark it is a stranger's too. */
	RUN("ip link add name str0 link m0 group %d type ipvlan mode l3", OTHER_MARK);
	have = seen_master(&m, DATAPATH_EVERYTHING);
	CHECK(!strcmp(have->seen.stranger, "str0") && have->seen.mode == MODEL_MODE_L3);
	m.mode = MODEL_MODE_L3;
	add_link(&m, &s);
	have = seen_master(&m, DATAPATH_EVERYTHING);
	CHECK(have->seen.has_ours && !strcmp(have->seen.stranger, "str0"));
	RUN("ip link del str0");
	have = seen_master(&m, DATAPATH_SCOPE);
	CHECK(have->seen.has_ours && !*have->seen.stranger);
}

void test_everything(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_master m1 = master_of("m1", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s[] = {slave_of("ns1", "a"), slave_of("ns1", "b"),
				  slave_of("", "c")};
	struct model_slave other = slave_of("ns2", "d");
	struct model *have;
	const struct model_master *found;

	RUN("ip link add m1 type dummy");
	add_netns("ns1");
	add_netns("ns2");
	for (size_t i = 0; i < 3; i++)
		add_link(&m, &s[i]);
	add_link(&m1, &other);
	with_slaves(&m, s, 1);
	/* A scope shows what it names, all shows what is ours. */
	CHECK(seen_master(&m, DATAPATH_SCOPE)->n_slaves == 1);
	have = observe(&m, 1, DATAPATH_EVERYTHING);
	found = model_find_master(have, "", "m0");
	CHECK(found && found->n_slaves == 3);
	CHECK(model_find_slave(found, "", "c")->seen.presence == MODEL_OURS);
	CHECK(model_find_slave(found, "ns1", "b")->seen.is_on_master);
	found = model_find_master(have, "", "m1");
	CHECK(found && found->n_slaves == 1 && found->seen.has_ours);
	CHECK(model_find_slave(found, "ns2", "d")->seen.presence == MODEL_OURS);

	/* Nothing but the id leads to it: it is found and can be deleted. */
	RUN("ip netns exec ns2 sleep 30 & echo $! >/run/pid;"
	    "until [ /proc/$!/ns/net -ef /run/netns/ns2 ]; do sleep 0.02; done");
	RUN("ip netns del ns2");
	have = observe(&m, 1, DATAPATH_EVERYTHING);
	found = model_find_master(have, "", "m1");
	CHECK(found && found->n_slaves == 1 &&
	      !strncmp(found->slaves[0].netns, "/nsid/", 6));
	/* A new namespace of that name must not be kept from the address. */
	add_netns("ns2");
	with_slaves(&m1, &other, 1);
	found = seen_master(&m1, DATAPATH_SCOPE);
	CHECK(found->n_slaves == 2 && !strncmp(found->slaves[0].netns, "/nsid/", 6));
	{
		struct plan_step step =
			step_of(PLAN_OP_LINK_DEL, &m1, NULL, &found->slaves[0]);

		do_step(&step);
	}
	CHECK(seen_master(&m1, DATAPATH_EVERYTHING)->n_slaves == 1);
	RUN("kill $(cat /run/pid)");
	have = observe(NULL, 0, DATAPATH_EVERYTHING);
	CHECK(have->n_masters == 1 && have->masters[0].n_slaves == 3);
}

void test_namespaces(void)
{
	struct model_netns netns = {.name = "ns1"};
	struct plan_step add = {.op = PLAN_OP_NETNS_ADD, .netns = &netns};
	struct plan_step del = {.op = PLAN_OP_NETNS_DEL, .netns = &netns};
	struct model_netns seen;
	struct plan_result result;
	struct err *e;

	CHECK(!observe_netns("ns1").seen.exists);
	result = do_step(&add);
	netns.inode = result.inode;
	RUN("test $(stat -c %%i /run/netns/ns1) = %llu", (unsigned long long)netns.inode);
	RUN("ip netns exec ns1 ping -c1 127.0.0.1 >/dev/null");
	seen = observe_netns("ns1");
	CHECK(seen.seen.exists && seen.seen.inode == netns.inode &&
	      !seen.seen.is_occupied);
	REFUSED(&add, ERR_EXISTS, 0, "");
	RUN("ip -n ns1 link add v type dummy");
	CHECK(observe_netns("ns1").seen.is_occupied);
	REFUSED(&del, ERR_BUSY, 0, "");
	RUN("ip -n ns1 link del v; ip netns exec ns1 ip link add tunl0 type dummy; true");
	/* The mark alone does not make a device ours. */
	RUN("ip -n ns1 link add theirs group %d type veth peer name p", MARK);
	CHECK(observe_netns("ns1").seen.is_occupied);
	REFUSED(&del, ERR_BUSY, 0, "a device ");
	RUN("ip -n ns1 link del theirs");
	RUN("ip link add mine netns ns1 link m0 group %d type ipvlan", MARK);
	CHECK(!observe_netns("ns1").seen.is_occupied);
	do_step(&del);
	RUN("! test -e /run/netns/ns1");
	do_step(&del);

	/* Another namespace in its place is not ours to remove. */
	RUN("ip netns add ns1");
	netns.inode = 1;
	REFUSED(&del, ERR_EXISTS, 0, "");
	RUN("ip netns del ns1");

	RUN("touch /run/netns/ns1");
	seen = observe_netns("ns1");
	CHECK(!seen.seen.exists && seen.seen.is_dead_file);
	/* It is not waited for here, nor touched: `ip` may be about to mount on it. */
	REFUSED(&add, ERR_BUSY, 0, "made a moment ago");
	e = try_step(&add, &result);
	for (int i = 0; i < 1200 && e && e->code == ERR_BUSY; i++) {
		err_free(e);
		usleep(100000);
		e = try_step(&add, &result);
	}
	CHECK(!e);
	CHECK(observe_netns("ns1").seen.inode == result.inode);
	/* A descriptor of ours must not keep it: its device has to die with it. */
	RUN("ip link add p type veth peer name q && ip link set q netns ns1");
	observe_netns("ns1");
	RUN("ip netns del ns1; i=0; while ip link show p >/dev/null 2>&1 && test $i -lt "
	    "30; do"
	    " sleep 0.1; i=$((i + 1)); done; ! ip link show p 2>/dev/null");
}

/* The master in a namespace of its own, a slave beside it, and one named by a path. */
void test_far_master(void)
{
	struct model_master m = master_of("far0", MODEL_MODE_L3, MODEL_FLAG_VEPA);
	struct model_slave s[] = {slave_of("", "s0"), slave_of("/run/ns-path", "s1")};
	const struct model_master *have;
	struct plan_step step;

	m.netns = "mns";
	RUN("ip netns add mns && ip -n mns link add far0 type dummy && ip -n mns link "
	    "set far0 up");
	RUN("ip netns add px && touch /run/ns-path && mount --bind /run/netns/px "
	    "/run/ns-path");
	with_slaves(&m, s, 2);
	add_link(&m, &s[0]);
	add_link(&m, &s[1]);
	RUN("ip -n mns -d link show s0 up | grep -q 'l3 vepa'");
	RUN("ip -n px -d link show s1 up | grep -q 'l3 vepa'");
	add_addr(&m, &s[1], "10.0.0.2/24");
	have = seen_master(&m, DATAPATH_EVERYTHING);
	CHECK(have->n_slaves == 2);
	CHECK(have->slaves[0].seen.presence == MODEL_OURS &&
	      have->slaves[0].seen.is_on_master);
	CHECK(have->slaves[1].seen.presence == MODEL_OURS &&
	      have->slaves[1].seen.is_on_master);
	CHECK(have->slaves[1].n_addresses == 2);
	listen_for(150);
	RUN("ip -n mns link set s0 mtu 1300");
	check_heard(__LINE__, listen_for(150), "slave /s0 mtu 1300|");
	RUN("ip -n px addr del 10.0.0.2/24 dev s1");
	check_heard(__LINE__, listen_for(150),
		    "slave /run/ns-path/s1 address 10.0.0.2/24 removed");
	step = step_of(PLAN_OP_LINK_DEL, &m, NULL, &s[0]);
	do_step(&step);
	step.have = &s[1];
	do_step(&step);
	RUN("test -z \"$(ip -n mns -o link show type ipvlan; ip -n px -o link show type "
	    "ipvlan)\"");
}
