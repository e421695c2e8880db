/* Sentences that need a moment: another program is faster than a step, or the kernel gives an
 * answer that it gives seldom. Each is in said.txt. */
#include "datapath/kernel/files/authors.h"
#include "datapath/kernel/state/kernel_state.h"
#include "tests/kernel/datapath/bench.h"
#include "tests/kernel/datapath/moment.h"

#include <dlfcn.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct model_master m;
static struct model_slave s;

/* ns1/eth0 on m0, up, with an address. */
static void make_slave(void)
{
	m = master_of("m0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	s = slave_of("ns1", "eth0");
	with_slaves(&m, &s, 1);
	RUN("ip link set m0 up");
	add_netns("ns1");
	add_link(&m, &s);
	add_addr(&m, &s, "10.0.0.2/24");
}

static void say_step(int line, struct plan_step *step)
{
	say(line, try_step(step, NULL));
	moment_over();
}
#define SAY_STEP(step) say_step(__LINE__, step)

static void say_route(int line, enum plan_op op, const char *to, const char *via)
{
	struct model_route r = route_of(to, via);
	struct plan_step step = route_step(op, &m, &s, &r);

	say_step(line, &step);
}

/* Devices that come, go, or are others than at the time of the plan. */
static void steps_on_devices(void)
{
	struct model_slave gone = slave_of("ns1", "gone"), lo = slave_of("ns1", "lo"),
			   b = slave_of("ns2", "eth0");
	struct model_master v = master_of("m0.7", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct plan_step step = step_of(PLAN_OP_ADDR_ADD, &m, &gone, NULL);

	step.u.address = prefix("10.0.0.9/24");
	SAY_STEP(&step);
	step = step_of(PLAN_OP_LINK_ADD, &m, &s, NULL);
	SAY_STEP(&step);
	step.want = &lo;
	SAY_STEP(&step);
	add_netns("ns2");
	step.want = &b;
	moment_run(RTM_GETLINK, "ip netns del ns2");
	SAY_STEP(&step);
	add_netns("ns2");
	moment_run(RTM_GETLINK, "umount /run/netns/ns2; mount --bind "
				"/proc/self/ns/net /run/netns/ns2");
	SAY_STEP(&step);
	RUN("ip link add link m0 name m0.7 group %d type vlan id 7", MARK);
	RUN("ip link add name str0 link m0.7 type ipvlan mode l2");
	v.vlan_link = "m0";
	v.vlan_id = 7;
	step = step_of(PLAN_OP_MASTER_DEL, &v, NULL, NULL);
	SAY_STEP(&step);
	RUN("ip link add m1 type dummy; ip link add br0 type bridge; ip link set m1 "
	    "master br0");
	v = master_of("m1", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	step = step_of(PLAN_OP_LINK_ADD, &v, &gone, NULL);
	SAY_STEP(&step);
}

/* Its namespace has lost its name: only a number is left. */
static void say_nameless(void)
{
	struct model_slave lost = slave_of("ns3", "eth0");
	const struct model_slave *found = NULL;
	const struct model_master *on;
	struct plan_step step;

	add_netns("ns3");
	add_link(&m, &lost);
	RUN("ip netns exec ns3 sleep 1000 & echo $! >/run/pid;"
	    "until [ /proc/$!/ns/net -ef /run/netns/ns3 ]; do sleep 0.02; done;"
	    "ip netns del ns3");
	on = seen_master(&m, DATAPATH_EVERYTHING);
	for (size_t i = 0; i < on->n_slaves; i++) {
		if (!strncmp(on->slaves[i].netns, "/nsid/", 6))
			found = &on->slaves[i];
	}
	CHECK(found);
	step = step_of(PLAN_OP_ADDR_ADD, &m, found, NULL);
	step.u.address = prefix("10.0.0.9/24");
	SAY_STEP(&step);
	RUN("kill $(cat /run/pid)");
}

static void steps_inside(void)
{
	struct model_netns netns = {.name = "ns1", .inode = 1};
	struct plan_step step = step_of(PLAN_OP_RULE_ADD, &m, &s, NULL);
	struct model_slave far = slave_of("/run/x", "eth0");

	RUN("ip -n ns1 route add default via 10.0.0.9 dev eth0 proto static");
	say_route(__LINE__, PLAN_OP_ROUTE_ADD, "0.0.0.0/0", "10.0.0.1");
	RUN("ip -n ns1 link add dum0 type dummy; ip -n ns1 link set dum0 up");
	RUN("ip -n ns1 route add 10.5.0.0/16 dev dum0 proto static");
	say_route(__LINE__, PLAN_OP_ROUTE_ADOPT, "10.5.0.0/16", NULL);
	step.u.rule = (struct model_rule){.priority = 100,
					  .from = prefix("10.0.0.2/32"),
					  .to = prefix("10.9.0.0/16"),
					  .table = 100};
	do_step(&step);
	step.u.rule.to = prefix("0.0.0.0/0");
	SAY_STEP(&step);
	RUN("ip netns exec ns1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1");
	say_route(__LINE__, PLAN_OP_ROUTE_ADD, "2001:db8:5::/48", NULL);
	step = step_of(PLAN_OP_RESOLV_SET, &m, &far, NULL);
	step.u.resolv_conf = "nameserver 10.3.3.3\n";
	RUN("touch /run/x; mount --bind /run/netns/ns1 /run/x");
	SAY_STEP(&step);
	say_nameless();
	step = (struct plan_step){.op = PLAN_OP_NETNS_DEL, .netns = &netns};
	SAY_STEP(&step);
	netns.inode = 0;
	SAY_STEP(&step);
}

void test_between(void)
{
	make_slave();
	steps_on_devices();
	steps_inside();
}

static const struct link_type *macvlan(void)
{
	void *file = dlopen(PLUGINS "/macvlan.so", RTLD_NOW | RTLD_LOCAL);

	CHECK(file);
	return dlsym(file, "datapath_link_type");
}

/* The errno of a step that a kernel gives seldom, and what else there is to say. */
void test_answers(void)
{
	struct model_slave b = slave_of("ns1", "b"), c = slave_of("", "c");
	struct model_master made = master_of("d0", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct plan_step step;

	make_slave();
	step = step_of(PLAN_OP_LINK_ADD, &m, &b, NULL);
	moment_refuse(RTM_NEWLINK, 0, EOPNOTSUPP);
	SAY_STEP(&step);
	moment_refuse(RTM_NEWLINK, 0, EEXIST);
	SAY_STEP(&step);
	moment_refuse(RTM_NEWLINK, 0, ENOMEM);
	SAY_STEP(&step);
	made.kind = MODEL_KIND_DUMMY;
	step = step_of(PLAN_OP_MASTER_ADD, &made, NULL, NULL);
	moment_refuse(RTM_NEWLINK, 0, EOPNOTSUPP);
	SAY_STEP(&step);
	moment_refuse(RTM_NEWROUTE, 0, EEXIST);
	say_route(__LINE__, PLAN_OP_ROUTE_ADD, "10.6.0.0/16", NULL);
	RUN("ip link add m1 type dummy; ip link add p0 link m1 type macvlan mode "
	    "passthru");
	m = master_of("m1", MODEL_MODE_PASSTHRU, MODEL_FLAG_BRIDGE);
	m.type = macvlan();
	step = step_of(PLAN_OP_LINK_ADD, &m, &c, NULL);
	SAY_STEP(&step);
}

static void say_observation(int line, struct model_master *master,
			    enum datapath_depth depth)
{
	struct model scope = {.masters = master, .n_masters = master != NULL}, *have;

	say(line, kernel_provider.observe(dp, &scope, depth, arena, &have));
	moment_over();
}

static void say_survey(int line)
{
	struct model scope = {0}, *have;

	say(line, kernel_provider.survey(dp, &scope, DATAPATH_FOR_TRACE, arena, &have));
	moment_over();
}

/* The kernel is out of memory, or refuses to be read. */
static void observations(void)
{
	struct model_master any = master_of("any", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	struct ip_prefix wanted = prefix("10.0.0.7/24");

	moment_refuse(RTM_GETLINK, 0, EPERM);
	say_observation(__LINE__, &m, DATAPATH_SCOPE);
	moment_refuse(RTM_GETLINK | MOMENT_DUMP, 0, ENOMEM);
	say_observation(__LINE__, &m, DATAPATH_EVERYTHING);
	moment_refuse(RTM_GETADDR | MOMENT_DUMP, 0, ENOMEM);
	say_observation(__LINE__, &m, DATAPATH_SCOPE);
	RUN("ip netns add empty");
	moment_refuse(RTM_GETRULE | MOMENT_DUMP, 1, ENOMEM);
	say_observation(__LINE__, NULL, DATAPATH_EVERYTHING);
	moment_refuse(RTM_GETADDR | MOMENT_DUMP, 0, ENOMEM);
	say_survey(__LINE__);
	any.match.default_route = true;
	moment_refuse(RTM_GETROUTE | MOMENT_DUMP, 0, ENOMEM);
	say_observation(__LINE__, &any, DATAPATH_SCOPE);
	RUN("ip link add name str0 link m0 type ipvlan mode l2");
	s.addresses = &wanted;
	s.n_addresses = 1;
	observe(&m, 1, DATAPATH_EVERYTHING);
	moment_refuse(RTM_GETADDR | MOMENT_DUMP, 2, ENOMEM);
	say_observation(__LINE__, &m, DATAPATH_EVERYTHING);
	/* The bridge goes between two questions. */
	RUN("ip link add m1 type dummy; ip link add br0 type bridge; ip link set m1 "
	    "master br0");
	any = master_of("m1", MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	moment_refuse(RTM_GETLINK, 1, ENODEV);
	say_text(seen_master(&any, DATAPATH_SCOPE)->seen.busy);
	moment_over();
}

static void say_lookup(int line, const char *netns, const char *out)
{
	struct datapath_lookup l = {
		.netns = netns, .to = addr("10.0.0.9"), .in = "", .out = out};

	say(line, kernel_provider.lookup(dp, &l, arena));
	moment_over();
}

static void say_ping(int line, const char *netns, const char *device, const char *from,
		     const char *to)
{
	struct datapath_ping p = {
		.netns = netns, .device = device, .from = addr(from), .to = addr(to)};
	int fd;

	say(line, kernel_provider.ping(dp, &p, &fd));
}

static void drop_raw(void)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	CHECK(!syscall(SYS_capget, &h, data));
	data[0].effective &= ~(1U << CAP_NET_RAW);
	CHECK(!syscall(SYS_capset, &h, data));
}

static void questions(void)
{
	struct datapath_counters c = {.netns = "ns1", .name = "eth0"};

	moment_refuse(RTM_GETLINK, 0, EPERM);
	SAY(kernel_provider.count(dp, &c, 1));
	moment_over();
	say_lookup(__LINE__, "ns1", "gone");
	say_lookup(__LINE__, "ns9", "");
	moment_replace_processes();
	say_lookup(__LINE__, "/proc/1/ns/net", "");
	moment_refuse(RTM_GETNSID, 0, 0);
	say_lookup(__LINE__, "ns1", "");
	say_ping(__LINE__, "ns9", "", "10.0.0.2", "10.0.0.3");
	say_ping(__LINE__, "ns1", "gone", "10.0.0.2", "10.0.0.3");
	say_ping(__LINE__, "ns1", "", "10.0.0.8", "10.0.0.3");
	say_ping(__LINE__, "ns1", "", "10.0.0.2", "10.9.0.3");
	drop_raw();
	say_ping(__LINE__, "ns1", "", "10.0.0.2", "10.0.0.3");
}

void test_look(void)
{
	const struct datapath_config config = {.mark = MARK,
					       .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct datapath *other;

	make_slave();
	observations();
	moment_refuse(RTM_GETNSID, 0, 0);
	SAY(kernel_provider.open(&config, &other));
	questions();
}

static void note_words(void *n, const struct datapath_event *e)
{
	char *text;

	if (!*e->what)
		return;
	text = xasprintf("%s%s%s: %s", e->netns, *e->netns && *e->name ? "/" : "",
			 e->name, e->what);
	say_text(text);
	free(text);
	++*(size_t *)n;
}

/* The words of what a command changes. The kernel has queued its events when it returns, but for
 * that of a carrier. */
static void say_events(const char *command)
{
	struct pollfd p = {.fd = datapath_event_fd(dp), .events = POLLIN | POLLPRI};

	size_t n = 0;

	listen_for(0);
	RUN("%s", command);
	while (poll(&p, 1, n ? 0 : -1) > 0)
		kernel_provider.drain(dp, note_words, &n);
}

static void words_of_files(void)
{
	say_events("touch /run/netns/dead");
	say_events("ip netns add ns2");
	say_events(
		"umount /run/netns/ns2; mount --bind /proc/self/ns/net /run/netns/ns2");
	/* It cannot be kept beside ours. */
	RUN("mkdir -p /etc/netns/ns1; ln -s /run/resolv.conf /etc/netns/ns1/resolv.conf");
	s.nameservers = "10.3.3.4";
	observe(&m, 1, DATAPATH_SCOPE);
	say_events("rm /etc/netns/ns1/resolv.conf");
}

void test_words(void)
{
	make_slave();
	observe(&m, 1, DATAPATH_EVERYTHING);
	say_events("ip link set m0 address 02:00:00:00:00:09");
	say_events("ip link property add dev m0 altname other");
	say_events("ip addr add 10.7.0.1/24 dev m0");
	say_events("ip addr change 10.7.0.1/24 dev m0 valid_lft 1000 preferred_lft 1000");
	say_events("ip -n ns1 route del local 10.0.0.2 table local");
	words_of_files();
	RUN("ip -n ns1 link del eth0");
	say_events("ip link set m0 carrier off");
	say_events("ip link add br0 type bridge; ip link set m0 master br0");
	say_events("ip link set m0 nomaster");
	say_text(authors_text(((struct kernel *)dp)->authors, 4000000, arena));
	moment_lose();
	say_events("ip link set m0 mtu 1400");
}
