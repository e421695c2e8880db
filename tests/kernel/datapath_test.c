/* The provider "kernel" on a real kernel: every step and every observation, without a
 * daemon.
 *
 * Each case runs in network and mount namespaces of its own with a private /run, so that
 * cases cannot meet. What `ip` shows is the witness, not the provider itself. Needs root
 * and a kernel with ipvlan; prints TAP. `datapath_test NAME…` runs some. */
#include "datapath/kernel/kernel.h"
#include "lib/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK       0x1234567
#define OTHER_MARK 0x7654321

static struct datapath *dp;
static struct arena *arena;

static void fail_at(int line, const char *what)
{
	printf("# line %d: %s\n", line, what);
	fflush(stdout);
	_exit(1);
}

#define CHECK(condition)                                                                 \
	do {                                                                             \
		if (!(condition))                                                        \
			fail_at(__LINE__, #condition);                                   \
	} while (0)

/* Runs a shell command; its exit status. */
static int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int sh(const char *format, ...)
{
	va_list args;
	char *command;
	int status;

	va_start(args, format);
	command = xvasprintf(format, args);
	va_end(args);
	fflush(stdout);
	status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

#define RUN(...) CHECK(sh(__VA_ARGS__) == 0)

static void open_datapath(void)
{
	struct datapath_config config = {.mark = MARK,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct err *e = kernel_provider.open(&config, &dp);

	if (e)
		fail_at(__LINE__, err_text(e));
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;
	struct err *e = ip_prefix_parse(text, &p);

	if (e)
		fail_at(__LINE__, err_text(e));
	return p;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;
	struct err *e = ip_addr_parse(text, &a);

	if (e)
		fail_at(__LINE__, err_text(e));
	return a;
}

static struct model_slave slave_of(const char *netns, const char *name)
{
	return (struct model_slave){.netns = netns,
				    .name = name,
				    .addresses_managed = true,
				    .nameservers = "",
				    .search = ""};
}

static struct model_master master_of(const char *name, enum model_mode mode,
				     enum model_flag flag)
{
	return (struct model_master){
		.netns = "", .name = name, .mode = mode, .flag = flag, .vlan_link = ""};
}

static struct err *try_step(struct plan_step *step, struct plan_result *ret_result)
{
	const struct plan_step *steps[] = {step};
	struct plan_result result = {0};
	struct err *e;

	step->after = PLAN_NO_STEP;
	kernel_provider.apply(dp, steps, 1, &result);
	CHECK((result.kind == PLAN_FAILED) == (result.error != NULL));
	e = result.error;
	if (ret_result)
		*ret_result = result;
	return e;
}

static struct plan_result do_step(struct plan_step *step)
{
	struct plan_result result;
	struct err *e = try_step(step, &result);

	if (e)
		fail_at(__LINE__, err_text(e));
	return result;
}

/* The step fails so; what a person would read is shown. 'sys_errno' 0: not looked at. */
static void check_refused(int line, struct plan_step *step, enum err_code code,
			  int sys_errno, const char *part)
{
	struct err *e = try_step(step, NULL);
	char *text = e ? err_text(e) : NULL;

	if (!e)
		fail_at(line, "done, but should be refused");
	printf("# %s\n", text);
	if (e->code != code || (sys_errno && e->sys_errno != sys_errno) ||
	    !strstr(text, part))
		fail_at(line, "refused otherwise than expected");
	free(text);
	err_free(e);
}
#define REFUSED(...) check_refused(__LINE__, __VA_ARGS__)

static struct plan_step step_of(enum plan_op op, const struct model_master *m,
				const struct model_slave *want,
				const struct model_slave *have)
{
	return (struct plan_step){
		.op = op, .why = "", .master = m, .want = want, .have = have};
}

static uint64_t add_netns(const char *name)
{
	struct model_netns netns = {.name = name};
	struct plan_step step = {.op = PLAN_OP_NETNS_ADD, .netns = &netns};

	return do_step(&step).inode;
}

static uint32_t add_link(const struct model_master *m, const struct model_slave *s)
{
	struct plan_step step = step_of(PLAN_OP_LINK_ADD, m, s, NULL);

	return do_step(&step).ifindex;
}

static void add_addr(const struct model_master *m, const struct model_slave *s,
		     const char *text)
{
	struct plan_step step = step_of(PLAN_OP_ADDR_ADD, m, s, NULL);

	step.u.address = prefix(text);
	do_step(&step);
}

static struct model_route route_of(const char *to, const char *via)
{
	struct model_route r = {.to = prefix(to), .table = MODEL_ROUTE_TABLE_MAIN};

	if (via)
		r.via = addr(via);
	return r;
}

static struct plan_step route_step(enum plan_op op, const struct model_master *m,
				   const struct model_slave *s,
				   const struct model_route *r)
{
	struct plan_step step = step_of(op, m, s, op == PLAN_OP_ROUTE_DEL ? s : NULL);

	step.u.route = *r;
	return step;
}

static struct model *observe(struct model_master *masters, size_t n,
			     enum datapath_depth depth)
{
	struct model scope = {.masters = masters, .n_masters = n}, *have;
	struct err *e = kernel_provider.observe(dp, &scope, depth, arena, &have);

	if (e)
		fail_at(__LINE__, err_text(e));
	return have;
}

static struct model_netns observe_netns(const char *name)
{
	struct model_netns netns = {.name = name};
	struct model scope = {.namespaces = &netns, .n_namespaces = 1}, *have;
	struct err *e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);

	if (e)
		fail_at(__LINE__, err_text(e));
	CHECK(have->n_namespaces == 1);
	return have->namespaces[0];
}

static void with_slaves(struct model_master *m, struct model_slave *slaves, size_t n)
{
	m->slaves = slaves;
	m->n_slaves = n;
}

/* ------------------------------------------------------------------ cases */

static void test_thin_way(void)
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

/* What drain() tells until nothing more comes for a while. */
struct heard {
	char text[4096];
	int n;
};

static void hear(void *aux, const struct datapath_event *e)
{
	static const char *const kinds[] = {"master", "slave", "netns", "all"};
	struct heard *heard = aux;
	size_t n = strlen(heard->text);

	snprintf(heard->text + n, sizeof(heard->text) - n, "%s %s/%s %s%s|",
		 kinds[e->kind], e->netns, e->name, e->what,
		 e->pid || (e->by && *e->by) ? " by" : "");
	heard->n++;
}

static const struct heard *listen_for(int ms)
{
	static struct heard heard;
	struct pollfd p = {.fd = datapath_event_fd(dp), .events = POLLIN};

	heard = (struct heard){0};
	while (poll(&p, 1, ms) > 0)
		kernel_provider.drain(dp, hear, &heard);
	return &heard;
}

static void check_heard(int line, const struct heard *heard, const char *what)
{
	if (strstr(heard->text, what))
		return;
	printf("# heard %s\n", heard->text);
	fail_at(line, what);
}
#define HEAR(what) check_heard(__LINE__, listen_for(150), what)

static void test_events(void)
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

static const struct model_master *seen_master(struct model_master *m,
					      enum datapath_depth depth)
{
	const struct model *have = observe(m, 1, depth);
	const struct model_master *found = model_find_master(have, m->netns, m->name);

	CHECK(found);
	return found;
}

static void test_strangers(void)
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

static void test_busy(void)
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

static void test_refusals(void)
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
	REFUSED(&step, ERR_EXISTS, 0, "of that name is there already (ipvlan)");
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

static void test_routes(void)
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

static void test_addresses(void)
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

static void test_slave_changes(void)
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

static void test_everything(void)
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

static void test_ports(void)
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

static void test_group_deletion(void)
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

static void test_namespaces(void)
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
	RUN("ip -n ns1 link add theirs group %d type dummy", MARK);
	CHECK(observe_netns("ns1").seen.is_occupied);
	REFUSED(&del, ERR_BUSY, 0, "a device theirs");
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

static void test_vlan(void)
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
	step = step_of(PLAN_OP_VLAN_ADD, &v, NULL, NULL);
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
	step = step_of(PLAN_OP_VLAN_DEL, &v, NULL, NULL);
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

static void test_resolv(void)
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
	have = &seen_master(&m, DATAPATH_SCOPE)->slaves[0];
	CHECK(!*have->seen.resolv_conf && have->seen.resolv_conf_foreign);
	REFUSED(&step, ERR_EXISTS, 0, "");
	RUN("grep -q 1.1.1.1 /etc/netns/ns1/resolv.conf");
}

/* The master in a namespace of its own, a slave beside it, and one named by a path. */
static void test_far_master(void)
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

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double lap(const char *what, double start)
{
	printf("# %-40s %.3f s\n", what, now_s() - start);
	return now_s();
}

static void apply_all(struct plan_step *steps, size_t n)
{
	const struct plan_step **all = xcalloc(n, sizeof(*all));
	struct plan_result *results = xcalloc(n, sizeof(*results));

	for (size_t i = 0; i < n; i++)
		all[i] = &steps[i];
	kernel_provider.apply(dp, all, n, results);
	for (size_t i = 0; i < n; i++) {
		if (results[i].kind != PLAN_DONE)
			fail_at(__LINE__, err_text(results[i].error));
	}
	free(all);
	free(results);
}

/* As many slaves, each in its namespace, as IPVL_TEST_SLAVES says. */
static void test_scale(void)
{
	const char *asked = getenv("IPVL_TEST_SLAVES");
	size_t n = asked ? (size_t)atoi(asked) : 100;
	struct model_master m = master_of("m0", MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	struct model_slave *s = arena_array(arena, n, sizeof(*s));
	struct model_netns *netns = arena_array(arena, n, sizeof(*netns));
	struct plan_step *steps = arena_array(arena, n, sizeof(*steps));
	struct model_route r = route_of("0.0.0.0/0", NULL);
	struct model scope = {
		.masters = &m, .n_masters = 1, .namespaces = netns, .n_namespaces = n};
	struct model *have;
	const struct heard *heard;
	struct arena *a;
	struct err *e;
	double t;

	RUN("ip link set m0 up");
	for (size_t i = 0; i < n; i++) {
		netns[i] = (struct model_netns){.name = arena_printf(arena, "n%05zu", i),
						.is_wanted = true};
		s[i] = slave_of(netns[i].name, "eth0");
		s[i].routes = &r;
		s[i].n_routes = 1;
	}
	with_slaves(&m, s, n);
	t = now_s();
	seen_master(&m, DATAPATH_SCOPE);
	t = lap("read, nothing there", t);
	for (size_t i = 0; i < n; i++)
		steps[i] =
			(struct plan_step){.op = PLAN_OP_NETNS_ADD, .netns = &netns[i]};
	apply_all(steps, n);
	t = lap("namespaces made", t);
	heard = listen_for(0);
	t = lap("events", t);
	e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);
	CHECK(!e);
	t = lap("read, namespaces there", t);
	for (size_t i = 0; i < n; i++)
		steps[i] = step_of(PLAN_OP_LINK_ADD, &m, &s[i], NULL);
	apply_all(steps, n);
	t = lap("slaves made", t);
	for (size_t i = 0; i < n; i++) {
		steps[i] = step_of(PLAN_OP_ADDR_ADD, &m, &s[i], NULL);
		steps[i].u.address =
			prefix(arena_printf(arena, "10.%zu.%zu.2/24", i / 250, i % 250));
	}
	apply_all(steps, n);
	t = lap("addresses added", t);
	for (size_t i = 0; i < n; i++)
		steps[i] = route_step(PLAN_OP_ROUTE_ADD, &m, &s[i], &r);
	apply_all(steps, n);
	t = lap("routes added", t);
	heard = listen_for(0);
	printf("# %d events: %.80s\n", heard->n, heard->text);
	t = lap("events", t);
	e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);
	CHECK(!e);
	t = lap("read all slaves", t);
	for (size_t i = 0; i < n; i++) {
		CHECK(have->masters[0].slaves[i].n_addresses == 2);
		CHECK(have->masters[0].slaves[i].n_routes == 1);
	}
	e = kernel_provider.observe(dp, &scope, DATAPATH_EVERYTHING, arena, &have);
	CHECK(!e && have->masters[0].n_slaves == n);
	t = lap("read everything", t);
	m.n_slaves = 1;
	a = arena_new();
	e = kernel_provider.observe(dp, &(struct model){&m, 1, NULL, 0}, DATAPATH_SCOPE,
				    a, &have);
	CHECK(!e);
	t = lap("read one slave", t);
	e = kernel_provider.observe(dp, &(struct model){&m, 1, NULL, 0}, DATAPATH_PORTS,
				    a, &have);
	CHECK(!e);
	t = lap("read one port", t);
	arena_free(a);
	m.n_slaves = n;
	for (size_t i = 0; i < n / 10; i++)
		steps[i] = step_of(PLAN_OP_LINK_DEL, &m, NULL, &s[i]);
	apply_all(steps, n / 10);
	t = lap("a tenth of the slaves deleted", t);
	for (size_t i = 0; i < n; i++)
		steps[i] =
			(struct plan_step){.op = PLAN_OP_NETNS_DEL, .netns = &netns[i]};
	apply_all(steps, n);
	t = lap("namespaces removed", t);
	heard = listen_for(300);
	printf("# %d events: %.80s\n", heard->n, heard->text);
	/* Our own work is no news but for the master's. */
	CHECK(!strstr(heard->text, "slave ") && !strstr(heard->text, "netns "));
}

/* While strangers make and remove namespaces and devices, a read is whole or says that it
 * is not. */
static void test_churn(void)
{
	struct model_master m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct model_slave s[] = {slave_of("ns1", "a"), slave_of("ns2", "b")};
	struct model scope = {.masters = &m, .n_masters = 1};
	int n_interrupted = 0;

	with_slaves(&m, s, 2);
	add_netns("ns1");
	add_netns("ns2");
	add_link(&m, &s[0]);
	add_link(&m, &s[1]);
	add_addr(&m, &s[0], "10.0.0.2/24");
	RUN("(while :; do ip netns add c1; ip -n c1 link add name x type dummy; ip link "
	    "add name v"
	    " link m0 type ipvlan mode l2; ip link set v netns c1; ip netns del c1; done)"
	    " >/dev/null 2>&1 & echo $! >/run/pid");
	for (int i = 0; i < 60; i++) {
		struct arena *a = arena_new();
		struct model *have;
		struct err *e = kernel_provider.observe(
			dp, &scope, i % 2 ? DATAPATH_EVERYTHING : DATAPATH_SCOPE, a,
			&have);

		if (e) {
			CHECK(e->code == ERR_INTERRUPTED);
			n_interrupted++;
		} else {
			CHECK(have->masters[0].n_slaves == 2);
			for (size_t k = 0; k < 2; k++)
				CHECK(have->masters[0].slaves[k].seen.presence ==
				      MODEL_OURS);
			CHECK(have->masters[0].slaves[0].n_addresses == 2);
			CHECK(have->masters[0].seen.has_ours);
		}
		err_free(e);
		arena_free(a);
		listen_for(5);
	}
	RUN("kill $(cat /run/pid)");
	printf("# %d of 60 interrupted\n", n_interrupted);
	CHECK(n_interrupted < 20);
}

static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
	{"thin_way", test_thin_way},
	{"events", test_events},
	{"strangers", test_strangers},
	{"busy", test_busy},
	{"refusals", test_refusals},
	{"routes", test_routes},
	{"addresses", test_addresses},
	{"slave_changes", test_slave_changes},
	{"everything", test_everything},
	{"ports", test_ports},
	{"group_deletion", test_group_deletion},
	{"namespaces", test_namespaces},
	{"vlan", test_vlan},
	{"resolv", test_resolv},
	{"far_master", test_far_master},
	{"churn", test_churn},
	{"scale", test_scale},
};

static void prepare(void)
{
	CHECK(!unshare(CLONE_NEWNET | CLONE_NEWNS));
	CHECK(!mount("", "/", "none", MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/run", "tmpfs", 0, "mode=755"));
	RUN("mkdir -p /run/test-etc-netns; mount --bind /run/test-etc-netns /etc/netns");
	RUN("ip link set lo up && ip link add m0 type dummy");
	arena = arena_new();
	open_datapath();
}

static bool run_case(const struct test *t)
{
	struct timespec a, b;
	int status;
	pid_t pid;

	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &a);
	pid = fork();
	if (!pid) {
		prepare();
		t->run();
		kernel_provider.close(dp);
		arena_free(arena);
		exit(0);
	}
	waitpid(pid, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("# %s: %.2f s\n", t->name,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_asked_for(const struct test *t, char **names)
{
	for (; *names; names++) {
		if (!strcmp(*names, t->name))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	size_t n = sizeof(tests) / sizeof(tests[0]);
	int failed = 0, number = 0;

	for (size_t i = 0; i < n; i++) {
		bool ok;

		if (argc > 1 && !is_asked_for(&tests[i], argv + 1))
			continue;
		ok = run_case(&tests[i]);
		failed += !ok;
		printf("%s %d %s\n", ok ? "ok" : "not ok", ++number, tests[i].name);
	}
	printf("1..%d\n", number);
	return failed ? 1 : 0;
}
