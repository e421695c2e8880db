/* Requests to the simulated kernel: errno, text and state as measured on Linux 6.1
 * (docs/kernel.md). tests/twin compares more of them with the real kernel. */
#include "build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A request on a device of the daemon's own namespace. */
static struct twin_request on(enum twin_request_kind kind, const char *name)
{
	return (struct twin_request){.kind = kind, .netns = "", .name = name};
}

static struct twin_request new_link(const char *name, const char *kind, const char *lower)
{
	struct twin_request r = on(TWIN_LINK_NEW, name);

	r.flags = TWIN_CREATE | TWIN_EXCL;
	r.u.link.kind = kind;
	r.u.link.lower = lower;
	return r;
}

static struct twin_request new_vrf(const char *name, uint32_t table)
{
	struct twin_request r = new_link(name, "vrf", NULL);

	r.u.link.sent = TWIN_LINK_VRF_TABLE;
	r.u.link.vrf_table = table;
	return r;
}

static struct twin_request new_addr(const char *name, const char *address)
{
	struct twin_request r = on(TWIN_ADDR_NEW, name);

	r.flags = TWIN_CREATE | TWIN_EXCL;
	must(ip_prefix_parse(address, &r.u.addr.address));
	return r;
}

static void done(struct bench *b, struct twin_request r)
{
	must(sim_request(b->dp, &r));
}

/* 'text' NULL: the kernel sends none. */
static void refused(struct bench *b, struct twin_request r, int sys_errno,
		    const char *text)
{
	struct err *e = sim_request(b->dp, &r);

	assert_non_null(e);
	assert_string_equal(e->message, text ? text : strerror(sys_errno));
	must_fail(e, sys_errno);
}

static void dump_has(struct bench *b, const char *line)
{
	char *now = sim_dump(b->dp);

	if (!strstr(now, line))
		print_error("missing \"%s\" in:\n%s", line, now);
	assert_non_null(strstr(now, line));
	free(now);
}

static void dump_lacks(struct bench *b, const char *line)
{
	char *now = sim_dump(b->dp);

	if (strstr(now, line))
		print_error("\"%s\" in:\n%s", line, now);
	assert_null(strstr(now, line));
	free(now);
}

/* kernel.md 2, 3. */
static void newlink_on_a_taken_name(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("a", "ipvlan", "eth0");

	r.u.link.sent = TWIN_LINK_MODE;
	done(b, r);
	refused(b, r, EEXIST, NULL);
	r.flags = TWIN_CREATE;
	r.u.link.mode = MODEL_MODE_L3S;
	r.u.link.lower = "eth1";
	done(b, r);
	dump_has(b, "a ipvlan on eth0 l3s bridge");
	r.flags = TWIN_CREATE | TWIN_REPLACE;
	refused(b, r, EOPNOTSUPP, NULL);
	r.flags = TWIN_CREATE;
	r.u.link.kind = NULL;
	refused(b, r, EOPNOTSUPP, NULL);
	r.u.link.kind = "dummy";
	r.u.link.sent = 0;
	done(b, r);
	r = new_link("b", "ipvlan", "eth0");
	r.flags = 0;
	refused(b, r, ENODEV, NULL);
	/* RTM_SETLINK ignores the data of the kind. */
	r = on(TWIN_LINK_SET, "a");
	r.u.link = (struct twin_link_request){
		.sent = TWIN_LINK_MODE, .kind = "ipvlan", .mode = 7};
	done(b, r);
	dump_has(b, "a ipvlan on eth0 l3s bridge");
}

/* kernel.md 4, 5. */
static void creation_elsewhere(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("eth0", "ipvlan", "eth0");

	must(sim_add_netns(b->dp, "ns1"));
	r.u.link.to_netns = "ns1";
	r.u.link.alias = "ignored";
	r.u.link.alt_name = "ignored2";
	refused(b, r, EEXIST, NULL);
	r.ifindex = 7000;
	done(b, r);
	dump_has(b, "ns1:\n  eth0 ipvlan on ./eth0 l3 bridge down mtu 1500\n");
	r.u.link.lower = "eth1";
	refused(b, r, EEXIST, NULL);
	r.ifindex = 7000;
	r.name = "x";
	refused(b, r, EBUSY, NULL);
	r.u.link.to_netns = NULL;
	done(b, r);
	r.name = "y";
	refused(b, r, EEXIST, NULL);
}

static void names(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link(NULL, "ipvlan", "eth0");

	done(b, r);
	dump_has(b, "  ipvlan0 ipvlan on eth0");
	r.name = "s%d";
	done(b, r);
	done(b, r);
	dump_has(b, "  s1 ipvlan on eth0");
	r.name = "s%d%d";
	refused(b, r, EINVAL, NULL);
	r.name = "0123456789abcdef";
	refused(b, r, ERANGE, "Attribute failed policy validation");
	r.name = "all";
	refused(b, r, EINVAL, NULL);
	r = on(TWIN_LINK_SET, "s0");
	r.u.link.alt_name = "alternative";
	done(b, r);
	refused(b, r, EEXIST, NULL);
	r = on(TWIN_LINK_SET, "alternative");
	r.u.link.new_name = "s1";
	refused(b, r, EEXIST, NULL);
	r.u.link.new_name = "t";
	done(b, r);
	dump_has(b, "  t ipvlan on eth0 l3 bridge down mtu 1500 alt alternative\n");
	r = on(TWIN_LINK_SET, "t");
	r.u.link.sent = TWIN_LINK_UP;
	r.u.link.is_up = true;
	done(b, r);
	r.u.link.new_name = "u";
	refused(b, r, EBUSY, NULL);
	/* Since Linux 6.2. */
	sim_set_kernel_version(b->dp, 6, 12);
	done(b, r);
	/* A folder of its sysctls cannot have that name: it keeps the name that it had. */
	r = on(TWIN_LINK_SET, "s1");
	r.u.link.new_name = "default";
	refused(b, r, EINVAL, NULL);
	dump_has(b, "\n  s1 ipvlan on eth0");
	dump_lacks(b, "\n  default ");
	r.u.link.new_name = "s2";
	done(b, r);
}

/* kernel.md 17. */
static void deletion_by_group(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("a", "ipvlan", "eth0"),
			    lo = on(TWIN_LINK_SET, "lo");
	struct twin_request del = on(TWIN_LINK_DEL, NULL);

	r.u.link.sent = TWIN_LINK_GROUP;
	r.u.link.group = 7;
	done(b, r);
	r.name = "b";
	done(b, r);
	del.u.link.group = 9;
	refused(b, del, ENODEV, NULL);
	del.u.link.group = 0;
	refused(b, del, EPERM, NULL);
	del.u.link.group = 7;
	lo.u.link.sent = TWIN_LINK_GROUP;
	lo.u.link.group = 7;
	done(b, lo);
	refused(b, del, EOPNOTSUPP, NULL);
	lo.u.link.group = 0;
	done(b, lo);
	done(b, del);
	dump_lacks(b, "ipvlan");
}

/* kernel.md 22. */
static void ipv6_needs_an_mtu(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("a", "ipvlan", "eth0"),
			    set = on(TWIN_LINK_SET, "a");

	done(b, r);
	must(sim_add_addr(b->dp, "", "a", "2001:db8::2/64"));
	must(sim_set_link(b->dp, "", "eth0", true, 1200));
	dump_has(b, "mtu 1200\n    2001:db8::2/64");
	set.u.link.sent = TWIN_LINK_MTU;
	set.u.link.mtu = 1279;
	done(b, set);
	dump_has(b, "mtu 1279 no-ipv6\n");
	refused(b, new_addr("a", "2001:db8::2/64"), EINVAL, NULL);
	must_fail(sim_del_addr(b->dp, "", "a", "2001:db8::2/64"), ENXIO);
	must(sim_set_link(b->dp, "", "eth0", true, 1500));
	dump_has(b, "mtu 1500 no-ipv6\n");
	done(b, new_addr("a", "2001:db8::2/64"));
	dump_has(b, "mtu 1500\n    2001:db8::2/64");
}

/* kernel.md 16. */
static void a_descriptor_keeps_a_namespace(void **state)
{
	struct bench *b = *state;
	struct twin_request hold = {.kind = TWIN_NETNS_HOLD, .netns = "ns1"};
	struct twin_request add = new_addr("b", "10.0.0.2/24");

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_add_link(b->dp, "ns1", "a", "ipvlan", "eth0", 0, 0));
	must(sim_add_link(b->dp, "", "b", "ipvlan", "eth0", 0, 0));
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	done(b, hold);
	must(sim_del_netns(b->dp, "ns1"));
	bench_plan(b);
	refused(b, add, EADDRINUSE, "Address already assigned to an ipvlan device");
	hold.kind = TWIN_NETNS_RELEASE;
	done(b, hold);
	refused(b, hold, ENOENT, NULL);
	bench_plan(b);
	done(b, add);
}

/* Linux ipvlan_addr4_event() compares IFA_ADDRESS, which is the peer's. */
static void ipv4_addresses(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_addr("a", "10.0.0.4/24"), same;

	must(sim_add_link(b->dp, "", "a", "ipvlan", "eth0", 0, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	done(b, new_addr("a", "10.0.0.2/24"));
	r.u.addr.sent = TWIN_ADDR_SCOPE;
	r.u.addr.scope = 253;
	refused(b, r, EINVAL, NULL);
	r.u.addr.sent = 0;
	done(b, r);
	refused(b, r, EEXIST, NULL);
	r = new_addr("a", "10.0.5.4/24");
	must(ip_addr_parse("10.0.6.9", &r.u.addr.peer));
	done(b, r);
	refused(b, r, EEXIST, NULL);
	same = new_addr("a", "10.0.5.4/24");
	done(b, same);
	dump_has(b, "    10.0.0.2/24\n    10.0.0.4/24 secondary\n    10.0.5.4/24\n"
		    "    10.0.5.4/24 peer 10.0.6.9\n");
	r.kind = TWIN_ADDR_DEL;
	must(ip_addr_parse("10.0.6.77", &r.u.addr.peer));
	done(b, r);
	refused(b, r, EADDRNOTAVAIL, NULL);
	r = new_addr("a", "10.0.0.9/24");
	r.u.addr.sent = TWIN_ADDR_LIFETIME;
	r.u.addr.valid_s = 100;
	r.u.addr.preferred_s = 200;
	refused(b, r, EINVAL, NULL);
	r.u.addr.preferred_s = 50;
	done(b, r);
	dump_has(b, "    10.0.0.9/24 secondary expires\n");
	r.flags = TWIN_REPLACE;
	r.u.addr.sent = TWIN_ADDR_METRIC;
	r.u.addr.metric = 7;
	done(b, r);
	dump_has(b, "    10.0.0.9/24 metric 7 secondary\n");
}

static void a_secondary_is_promoted(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "a", "ipvlan", "eth0", 0, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	must(sim_set_sysctl(b->dp, "", "all", "ipv4.promote_secondaries", "1"));
	must(sim_add_addr(b->dp, "", "a", "10.0.0.2/24"));
	must(sim_add_addr(b->dp, "", "a", "10.0.0.3/24"));
	must(sim_add_addr(b->dp, "", "a", "10.0.0.4/24"));
	must(sim_del_addr(b->dp, "", "a", "10.0.0.2/24"));
	dump_has(b, "mtu 1500\n    10.0.0.3/24\n    10.0.0.4/24 secondary\n");
	must_fail(sim_set_sysctl(b->dp, "", "a", "ipv4.nonsense", "1"), ENOENT);
}

/* kernel.md 21. */
static void kernel_routes_can_be_deleted(void **state)
{
	struct bench *b = *state;
	struct twin_request r = on(TWIN_ROUTE_DEL, "a");
	struct model_route via = route("default via 10.0.0.1");

	must(sim_add_link(b->dp, "", "a", "ipvlan", "eth0", 0, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	must(sim_add_addr(b->dp, "", "a", "10.0.0.2/24"));
	r.u.route.route = route("10.0.0.0/24");
	r.u.route.scope = 255;
	done(b, r);
	refused(b, r, ESRCH, NULL);
	dump_has(b, "    10.0.0.2/24 no-subnet\n");
	must_fail(sim_add_route(b->dp, "", "a", &via, false), ENETUNREACH);
	r.u.route.route = route("10.0.0.2/32");
	r.u.route.route.table = 255;
	done(b, r);
	dump_has(b, "    10.0.0.2/24 no-subnet no-local\n");
}

static void routes_replace_and_follow(void **state)
{
	struct bench *b = *state;
	struct twin_request r = on(TWIN_ROUTE_NEW, "a");

	must(sim_add_link(b->dp, "", "a", "ipvlan", "eth0", 0, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	r.u.route = (struct twin_route_request){
		.route = route("10.8.0.0/16"), .protocol = 3, .scope = 253};
	refused(b, r, ENOENT, NULL);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	done(b, r);
	r.name = "eth0";
	refused(b, r, EEXIST, NULL);
	r.flags = TWIN_CREATE | TWIN_APPEND;
	done(b, r);
	refused(b, r, EEXIST, NULL);
	/* The one that would replace the first is there already, in second place. */
	r.flags = TWIN_CREATE | TWIN_REPLACE;
	refused(b, r, EEXIST, NULL);
	r.u.route.protocol = 4;
	done(b, r);
	dump_lacks(b, "a ipvlan on eth0 l2 bridge up mtu 1500\n    route");
	dump_has(b, "    route 10.8.0.0/16 proto 3\n    route 10.8.0.0/16 proto 4\n");
	r.flags = TWIN_CREATE;
	r.u.route.route = route("10.7.0.0/16 via 10.8.0.1");
	r.u.route.route.from = r.u.route.route.via;
	r.u.route.scope = 0;
	refused(b, r, EINVAL, "Invalid prefsrc address");
}

/* kernel.md 23, and that there is none in l3. */
static void duplicates_on_a_segment(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("v0", "veth", NULL);

	r.u.link.peer = "v1";
	done(b, r);
	must(sim_set_link(b->dp, "", "v1", true, 0));
	must(sim_set_link(b->dp, "", "v0", true, 0));
	must(sim_add_link(b->dp, "", "a", "ipvlan", "v0", MODEL_MODE_L2, 0));
	must(sim_set_link(b->dp, "", "a", true, 0));
	must(sim_add_addr(b->dp, "", "v1", "2001:db8::1/64"));
	must(sim_add_addr(b->dp, "", "a", "2001:db8::1/64"));
	dump_has(b, "    2001:db8::1/64 duplicate\n");
	must(sim_del_addr(b->dp, "", "a", "2001:db8::1/64"));
	must(sim_set_port(b->dp, "", "a", MODEL_MODE_L3, 0));
	must(sim_add_addr(b->dp, "", "a", "2001:db8::1/64"));
	dump_lacks(b, "duplicate");
}

static void what_may_be_on_what(void **state)
{
	struct bench *b = *state;
	struct twin_request port = on(TWIN_LINK_SET, "a");

	done(b, new_link("a", "ipvlan", "eth0"));
	done(b, new_link("br0", "bridge", NULL));
	done(b, new_link("bo0", "bond", NULL));
	refused(b, new_link("vr0", "vrf", NULL), EINVAL, "VRF table id is missing");
	done(b, new_vrf("vr0", 10));
	refused(b, new_link("x", "ipvlan", "vr0"), EINVAL, NULL);
	refused(b, new_link("x", "ipvlan", NULL), EINVAL, NULL);
	refused(b, new_link("x", "macvlan", "a"), EINVAL, NULL);
	refused(b, new_link("x", "vlan", "eth0"), EINVAL,
		"8021q: VLAN properties not specified");
	refused(b, new_link("x", "nosuch", NULL), EOPNOTSUPP, "Unknown device type");
	port.u.link.controller = "br0";
	refused(b, port, EINVAL, NULL);
	port.u.link.controller = "bo0";
	refused(b, port, EOPNOTSUPP, NULL);
	port.u.link.controller = "vr0";
	done(b, port);
	dump_has(b, "  a ipvlan on eth0 l3 bridge port of vr0 down");
	port.name = "eth0";
	port.u.link.controller = "bo0";
	refused(b, port, EBUSY, "Device is in use and cannot be enslaved");
	port.name = "eth1";
	refused(b, port, EPERM, "Device can not be enslaved while up");
}

/* Refused before any device is looked for. */
static void what_is_checked_first(void **state)
{
	struct bench *b = *state;
	struct twin_request r = new_link("a", "ipvlan", "missing");

	r.u.link.sent = TWIN_LINK_MODE;
	r.u.link.mode = 3;
	refused(b, r, EINVAL, NULL);
	r.u.link.to_netns = "missing";
	refused(b, r, ENOENT, NULL);
	r = on(TWIN_LINK_SET, "missing");
	r.u.link.to_netns = "missing";
	refused(b, r, ENOENT, NULL);
}

/* kernel.md 22: what brings IPv6 back after the master's MTU was small. */
static void ipv6_comes_back(void **state)
{
	struct bench *b = *state;
	struct twin_request a = new_link("a", "ipvlan", "eth0"), mtu, carrier;

	mtu = carrier = on(TWIN_LINK_NEW, "eth0");
	mtu.u.link = (struct twin_link_request){.sent = TWIN_LINK_MTU, .mtu = 1000};
	done(b, mtu);
	a.u.link.sent = TWIN_LINK_UP | TWIN_LINK_MODE;
	a.u.link.is_up = true;
	done(b, a);
	mtu.u.link.mtu = 1500;
	done(b, mtu);
	dump_has(b, "a ipvlan on eth0 l2 bridge up mtu 1500 no-ipv6\n");
	carrier.u.link.sent = TWIN_LINK_CARRIER;
	done(b, carrier);
	dump_has(b, "a ipvlan on eth0 l2 bridge up no-carrier mtu 1500 no-ipv6\n");
	carrier.u.link.has_carrier = true;
	done(b, carrier);
	dump_has(b, "a ipvlan on eth0 l2 bridge up mtu 1500\n");
}

/* A kind without data of its own refuses any; an empty name is none. */
static void changes_of_a_device(void **state)
{
	struct bench *b = *state;
	struct twin_request r = on(TWIN_LINK_NEW, "eth0");

	r.u.link = (struct twin_link_request){.sent = TWIN_LINK_MODE, .kind = "dummy"};
	refused(b, r, EOPNOTSUPP, NULL);
	r.u.link = (struct twin_link_request){.new_name = ""};
	done(b, r);
	dump_has(b, "  eth0 dummy up");
}

/* Its IPv4 addresses are still local ones (kernel.md 8). */
static void addresses_of_a_device_that_is_down(void **state)
{
	struct bench *b = *state;
	struct twin_request down = on(TWIN_LINK_NEW, "eth1"),
			    r = on(TWIN_ROUTE_NEW, "eth0");

	done(b, new_addr("eth1", "10.0.0.1/24"));
	down.u.link.sent = TWIN_LINK_UP;
	done(b, down);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	r.u.route.route = route("10.9.0.0/16");
	must(ip_addr_parse("10.0.0.1", &r.u.route.route.from));
	done(b, r);
	r.name = "eth1";
	r.u.route.route = route("10.8.0.0/16 via 10.0.0.1");
	refused(b, r, ENETDOWN, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newlink_on_a_taken_name),
		TEST(creation_elsewhere),
		TEST(names),
		TEST(deletion_by_group),
		TEST(ipv6_needs_an_mtu),
		TEST(a_descriptor_keeps_a_namespace),
		TEST(ipv4_addresses),
		TEST(a_secondary_is_promoted),
		TEST(kernel_routes_can_be_deleted),
		TEST(routes_replace_and_follow),
		TEST(duplicates_on_a_segment),
		TEST(what_may_be_on_what),
		TEST(what_is_checked_first),
		TEST(ipv6_comes_back),
		TEST(addresses_of_a_device_that_is_down),
		TEST(changes_of_a_device),
	};

	return cmocka_run_group_tests_name("sim-request", tests, NULL, NULL);
}
