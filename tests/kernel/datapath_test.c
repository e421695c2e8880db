/* The provider "kernel" on a real kernel: every step and every observation, without a
 * daemon.
 *
 * Each case runs in network and mount namespaces of its own with a private /run, so that
 * cases cannot meet. What `ip` shows is the witness, not the provider itself. Needs root
 * and a kernel with ipvlan; prints TAP. `datapath_test NAME…` runs some. */
#include "datapath/datapath.h"
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
	datapath_kernel_provider.apply(dp, steps, 1, &result);
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
	struct err *e = datapath_kernel_provider.observe(dp, &scope, depth, arena, &have);

	if (e)
		fail_at(__LINE__, err_text(e));
	return have;
}

static struct model_netns observe_netns(const char *name)
{
	struct model_netns netns = {.name = name};
	struct model scope = {.namespaces = &netns, .n_namespaces = 1}, *have;
	struct err *e = datapath_kernel_provider.observe(dp, &scope, DATAPATH_SCOPE,
							 arena, &have);

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
	CHECK(s->n_addresses == 2 && s->n_routes == 1);
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
		 kinds[e->kind], e->netns, e->name, e->what, e->pid ? " by" : "");
	heard->n++;
}

static const struct heard *listen_for(int ms)
{
	static struct heard heard;
	struct pollfd p = {.fd = datapath_event_fd(dp), .events = POLLIN};

	heard = (struct heard){0};
	while (poll(&p, 1, ms) > 0)
		datapath_kernel_provider.drain(dp, hear, &heard);
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
		    "master /m0 a ipvlan tmp0, which is not ours, is on it|");
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
	RUN("ip -n ns1 link del eth0");
	HEAR("slave ns1/eth0 deleted by|");
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

static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
	{"thin_way", test_thin_way},
	{"events", test_events},
};

static void prepare(void)
{
	struct datapath_config config = {.mark = MARK,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct err *e;

	CHECK(!unshare(CLONE_NEWNET | CLONE_NEWNS));
	CHECK(!mount("", "/", "none", MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/run", "tmpfs", 0, "mode=755"));
	RUN("mkdir -p /run/test-etc-netns; mount --bind /run/test-etc-netns /etc/netns");
	RUN("ip link set lo up && ip link add m0 type dummy");
	arena = arena_new();
	e = datapath_kernel_provider.open(&config, &dp);
	if (e)
		fail_at(__LINE__, err_text(e));
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
		datapath_kernel_provider.close(dp);
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
