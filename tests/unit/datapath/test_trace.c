/* The way of a packet, on the simulator: tests/kernel/test_trace.py compares the same ways with
 * packets on a real kernel. */
#include "trace_ask.h"

#include "lib/alloc.h"

#include <stdio.h>
#include <string.h>

static void set_mode(struct bench *b, enum model_mode mode, enum model_flag flag)
{
	must(sim_set_port(b->dp, "a", "s", mode, flag));
}

static void add_slave(struct bench *b, const char *netns, const char *address,
		      const char *gateway)
{
	struct model_route r = route(gateway);

	must(sim_add_netns(b->dp, netns));
	must(sim_add_link(b->dp, netns, "s", "ipvlan", "eth0", MODEL_MODE_L2,
			  MODEL_FLAG_BRIDGE));
	must(sim_set_link(b->dp, netns, "s", true, 0));
	must(sim_add_addr(b->dp, netns, "s", address));
	must(sim_add_route(b->dp, netns, "s", &r, true));
}

/* Slaves a and b of one subnet, c of another; the host is in that of a and b. */
static int setup(void **state)
{
	struct model_route r = route("172.16.0.0/16 via 10.0.0.1");
	struct bench *b;

	if (bench_setup(state))
		return -1;
	b = *state;
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.10/24"));
	must(sim_add_route(b->dp, "", "eth0", &r, true));
	add_slave(b, "a", "10.0.0.2/24", "default via 10.0.0.1");
	add_slave(b, "b", "10.0.0.3/24", "default via 10.0.0.1");
	add_slave(b, "c", "10.0.1.2/24", "default via 10.0.1.1");
	return 0;
}

/* One letter for each mode and flag: + arrives, - does not, ? not known. */
static void expect(struct bench *b, const char *netns, const char *to,
		   unsigned int outside, const char *letters)
{
	static const char verdicts[] = {
		[TRACE_ARRIVES] = '+', [TRACE_LOST] = '-', [TRACE_UNKNOWN] = '?'};
	char found[12] = "";
	size_t n = 0;

	for (int mode = MODEL_MODE_L2; mode <= MODEL_MODE_L3S; mode++) {
		for (int flag = MODEL_FLAG_BRIDGE; flag <= MODEL_FLAG_VEPA; flag++) {
			set_mode(b, (enum model_mode)mode, (enum model_flag)flag);
			found[n++] = verdicts[ask(b, netns, to, outside)->verdict];
		}
		if (mode < MODEL_MODE_L3S)
			found[n++] = ' ';
	}
	if (strcmp(found, letters))
		fail_msg("%s to %s: %s, expected %s", *netns ? netns : "host", to, found,
			 letters);
}

static void in_a_plain_network(void **state)
{
	struct bench *b = *state;

	/* l2, l3, l3s; of each: bridge, private, vepa. */
	expect(b, "a", "10.0.0.3", 0, "+-- +-- +--");
	expect(b, "a", "10.0.1.2", 0, "+++ +-- +--");
	expect(b, "a", "10.0.0.10", 0, "--- --- ---");
	expect(b, "a", "10.0.0.100", 0, "+++ --- ---");
	expect(b, "a", "172.16.0.9", 0, "+++ --- ---");
	expect(b, "c", "172.16.0.9", 0, "+++ --- ---");
	expect(b, "", "10.0.0.2", 0, "--- --- ---");
}

static void with_a_route_back(void **state)
{
	struct bench *b = *state;

	expect(b, "a", "10.0.0.100", TRACE_ROUTE_BACK, "+++ +++ +++");
	expect(b, "c", "172.16.0.9", TRACE_ROUTE_BACK, "+++ +++ +++");
	expect(b, "a", "10.0.0.3", TRACE_ROUTE_BACK, "+-- +-- +--");
}

static void with_a_hairpin_port(void **state)
{
	struct bench *b = *state;

	expect(b, "a", "10.0.0.3", TRACE_HAIRPIN, "+-+ +-- +--");
	set_mode(b, MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	assert_int_equal(ask(b, "a", "10.0.0.10", TRACE_HAIRPIN)->verdict, TRACE_ARRIVES);
}

static void without_a_gateway(void **state)
{
	struct bench *b = *state;
	struct model_route by = route("default via 10.0.1.1"), on_link = route("default");

	must(sim_del_route(b->dp, "c", "s", &by));
	must(sim_add_route(b->dp, "c", "s", &on_link, true));
	expect(b, "c", "172.16.0.9", 0, "??? --- ---");
	expect(b, "c", "172.16.0.9", TRACE_PLAIN, "--- --- ---");
	expect(b, "c", "172.16.0.9", TRACE_PROXY_ARP, "+++ --- ---");
	expect(b, "c", "10.0.0.100", TRACE_ON_LINK, "+++ --- ---");
	/* In l3 the routes of the host decide. */
	expect(b, "c", "172.16.0.9", TRACE_ROUTE_BACK, "??? +++ +++");
}

static void broadcast_and_multicast(void **state)
{
	struct bench *b = *state;

	expect(b, "a", "10.0.0.255", 0, "+++ --- ---");
	expect(b, "a", "224.0.0.1", 0, "+++ --- ---");
	expect(b, "", "10.0.0.255", 0, "+++ +++ +++");
}

/* The last hop says where it ended. */
static void expect_end(struct bench *b, const char *netns, const char *to,
		       const char *place, const char *text, const char *cure)
{
	const struct trace *t = ask(b, netns, to, 0);

	assert_true(t->n_hops > 0);
	assert_string_equal(t->hops[t->n_hops - 1].place, place);
	assert_string_equal(t->hops[t->n_hops - 1].text, text);
	assert_string_equal(t->cure, cure);
}

static void says_why(void **state)
{
	struct bench *b = *state;

	expect_end(b, "a", "10.0.0.10", "eth0",
		   "it does not hear its own slaves: nobody answers for 10.0.0.10",
		   "`host-access: ADDRESS` on eth0, with a free address of the slaves' "
		   "subnet");
	expect_end(
		b, "", "10.0.0.2", "eth0",
		"the question for a/s's address goes to the wire: its own slaves do not "
		"hear it",
		"`host-access: ADDRESS` on eth0, with a free address of the slaves' "
		"subnet");
	set_mode(b, MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	expect_end(
		b, "a", "172.16.0.9", "outside",
		"slaves answer no ARP in this mode, so 10.0.0.1 needs a route: `ip route "
		"add 10.0.0.2 via 10.0.0.10`",
		"on 10.0.0.1: `ip route add 10.0.0.2 via 10.0.0.10`");
	/* An IPv4 packet that has a device needs no route. */
	expect(b, "a", "10.99.0.1", 0, "+++ ??? ???");
	expect(b, "a", "10.99.0.1", TRACE_PLAIN, "+++ --- ---");
}

/* In l3, IPv6: no route of the host leads there, and none is guessed. */
static void without_a_route_of_the_host(void **state)
{
	struct bench *b = *state;
	struct model_route on_link = route("::/0");

	set_mode(b, MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	must(sim_add_addr(b->dp, "a", "s", "2001:db8::2/64"));
	must(sim_add_route(b->dp, "a", "s", &on_link, true));
	expect_end(b, "a", "2001:db8:9::9", "host",
		   "there is no route to 2001:db8:9::9 by eth0",
		   "a route to 2001:db8:9::9 by eth0 in its namespace, such as `routes:` "
		   "of the master");
}

/* The router has no address of the master to write in its route. */
static void a_master_without_an_address(void **state)
{
	struct bench *b = *state;
	struct model_route subnet = route("10.0.0.0/24");
	const struct trace *t;

	must(sim_del_addr(b->dp, "", "eth0", "10.0.0.10/24"));
	must(sim_add_route(b->dp, "", "eth0", &subnet, true));
	set_mode(b, MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	t = ask(b, "a", "10.0.0.100", 0);
	assert_int_equal(t->verdict, TRACE_LOST);
	assert_non_null(strstr(t->cure, "an address of the master"));
}

static void a_master_that_is_down(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	expect_end(b, "a", "10.0.0.100", "eth0", "it is down", "");
	expect(b, "a", "10.0.0.3", 0, "+-- +-- +--");
}

static void a_master_without_carrier(void **state)
{
	struct bench *b = *state;

	must(sim_set_carrier(b->dp, "", "eth0", false));
	expect_end(b, "a", "10.0.0.3", "eth0", "a/s has no carrier, and sends nothing",
		   "");
	expect(b, "a", "10.0.0.3", 0, "--- --- ---");
	expect_end(b, "", "10.0.0.100", "eth0", "it has no carrier", "");
}

static void set_arp(struct bench *b, const char *netns, bool has_arp)
{
	struct twin_request r = {.kind = TWIN_LINK_SET, .netns = netns, .name = "s"};

	r.u.link.sent = TWIN_LINK_ARP;
	r.u.link.has_arp = has_arp;
	must(sim_request(b->dp, &r));
}

/* kernel.md 38: neither what it sends nor what it answers. A change of the mode mends it. */
static void a_slave_with_the_wrong_arp(void **state)
{
	struct bench *b = *state;

	set_arp(b, "a", false);
	expect_end(b, "a", "10.0.0.3", "eth0",
		   "a/s has arp off, which mode l2 needs on: it finds no neighbour",
		   "`ip link set s arp on` in its namespace");
	assert_int_equal(ask(b, "b", "10.0.0.2", 0)->verdict, TRACE_LOST);
	assert_int_equal(ask(b, "a", "10.0.0.255", 0)->verdict, TRACE_ARRIVES);
	expect(b, "a", "10.0.0.3", 0, "--- +-- +--");
	set_mode(b, MODEL_MODE_L3, MODEL_FLAG_BRIDGE);
	set_arp(b, "a", true);
	expect_end(b, "a", "10.0.0.3", "eth0",
		   "a/s has arp on, which mode l3 needs off: it finds no neighbour",
		   "`ip link set s arp off` in its namespace");
	set_mode(b, MODEL_MODE_L2, MODEL_FLAG_BRIDGE);
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_ARRIVES);
}

/* In IPv6 one beside it is found, if it was found before. */
static void a_slave_without_arp_in_ipv6(void **state)
{
	struct bench *b = *state;

	must(sim_add_addr(b->dp, "a", "s", "2001:db8::2/64"));
	must(sim_add_addr(b->dp, "b", "s", "2001:db8::3/64"));
	set_arp(b, "a", false);
	expect_end(b, "a", "2001:db8::3", "eth0",
		   "a/s has arp off: what this does is not known", "");
	assert_int_equal(ask(b, "a", "2001:db8::9", 0)->verdict, TRACE_LOST);
}

static void a_slave_that_is_down(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "b", "s", false, 0));
	assert_string_equal(ask(b, "a", "10.0.0.3", 0)->target, "");
	expect_end(b, "b", "10.0.0.2", "b", "there is no route to 10.0.0.2", "");
}

static void a_namespace_that_drops(void **state)
{
	struct bench *b = *state;
	struct model_route elsewhere = route("10.0.0.2/32");

	/* The answer of b would leave by another device. */
	must(sim_add_link(b->dp, "b", "x", "dummy", NULL, -1, -1));
	must(sim_set_link(b->dp, "b", "x", true, 0));
	must(sim_add_route(b->dp, "b", "x", &elsewhere, true));
	must(sim_set_sysctl(b->dp, "b", "s", "ipv4.rp_filter", "1"));
	expect_end(
		b, "a", "10.0.0.3", "b",
		"rp_filter drops it: an answer to 10.0.0.2 would leave by another device",
		"");
	must(sim_set_sysctl(b->dp, "b", "s", "ipv4.rp_filter", "0"));
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_UNKNOWN);
}

static void a_host_with_a_slave_of_its_own(void **state)
{
	struct bench *b = *state;
	struct model_route by_shim = route("10.0.0.2/32"), to_c = route("10.0.1.2/32");

	must(sim_add_link(b->dp, "", "shim", "ipvlan", "eth0", MODEL_MODE_L2,
			  MODEL_FLAG_BRIDGE));
	must(sim_set_link(b->dp, "", "shim", true, 0));
	must(sim_add_route(b->dp, "", "shim", &by_shim, true));
	/* Its questions come from an address of eth0, which gets the answers. */
	assert_int_equal(ask(b, "", "10.0.0.2", 0)->verdict, TRACE_LOST);
	must(sim_add_addr(b->dp, "", "shim", "10.0.0.50/32"));
	assert_int_equal(ask(b, "", "10.0.0.2", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "a", "10.0.0.10", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "", "10.0.0.3", 0)->verdict, TRACE_LOST);
	/* It came by a router, so that the shim has not heard who asked. */
	must(sim_add_route(b->dp, "", "shim", &to_c, true));
	assert_int_equal(ask(b, "c", "10.0.0.10", 0)->verdict, TRACE_LOST);
}

/* The answer of b is looked for by its source. */
static void a_rule_for_a_source(void **state)
{
	struct bench *b = *state;
	struct model_route elsewhere = route("10.0.0.2/32");
	struct twin_request rule = {.kind = TWIN_RULE_NEW, .netns = "b"};

	must(sim_add_link(b->dp, "b", "x", "dummy", NULL, -1, -1));
	must(sim_set_link(b->dp, "b", "x", true, 0));
	elsewhere.table = 100;
	must(sim_add_route(b->dp, "b", "x", &elsewhere, true));
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_ARRIVES);
	rule.u.rule = (struct twin_rule_request){
		.rule = {.priority = 30000, .table = 100}, .has_priority = true};
	must(ip_prefix_parse("10.0.0.3/32", &rule.u.rule.rule.from));
	must(ip_prefix_parse("0.0.0.0/0", &rule.u.rule.rule.to));
	must(sim_request(b->dp, &rule));
	/* By x, which is followed no further. */
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_UNKNOWN);
	/* Another destination is not in that table. */
	assert_int_equal(ask(b, "b", "10.0.1.2", 0)->verdict, TRACE_ARRIVES);
}

/* With its default route in the table of the VRF. */
static void put_into_vrf(struct bench *b, const char *netns)
{
	struct twin_request vrf = {
		.kind = TWIN_LINK_NEW, .netns = netns, .flags = TWIN_CREATE | TWIN_EXCL};
	struct twin_request member = {.kind = TWIN_LINK_SET, .netns = netns};
	struct model_route r = route("default via 10.0.0.1");

	vrf.name = "red";
	vrf.u.link.kind = "vrf";
	vrf.u.link.sent = TWIN_LINK_VRF_TABLE;
	vrf.u.link.vrf_table = 10;
	must(sim_request(b->dp, &vrf));
	must(sim_set_link(b->dp, netns, "red", true, 0));
	member.name = "s";
	member.u.link.controller = "red";
	must(sim_request(b->dp, &member));
	r.table = 10;
	must(sim_add_route(b->dp, netns, "s", &r, true));
}

static void a_slave_in_a_vrf(void **state)
{
	struct bench *b = *state;

	put_into_vrf(b, "a");
	expect(b, "a", "10.0.0.3", 0, "+-- +-- +--");
	expect(b, "b", "10.0.0.2", 0, "+-- +-- +--");
	/* A program that is bound to the VRF hears nothing from outside in l3s. */
	expect(b, "a", "10.0.0.100", TRACE_ROUTE_BACK, "+++ +++ ---");
	assert_string_equal(ask(b, "a", "10.0.0.3", 0)->vrf, "red");
	put_into_vrf(b, "b");
	expect(b, "a", "10.0.0.3", 0, "+-- +-- +--");
	must(sim_set_link(b->dp, "b", "red", false, 0));
	expect(b, "a", "10.0.0.3", 0, "--- --- ---");
}

/* The routes outside of the VRF are not for it. */
static void a_vrf_has_routes_of_its_own(void **state)
{
	struct bench *b = *state;
	struct model_route r = route("default via 10.0.0.1");

	put_into_vrf(b, "a");
	r.table = 10;
	must(sim_del_route(b->dp, "a", "s", &r));
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "a", "10.0.0.100", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "a", "172.16.0.9", 0)->verdict, TRACE_LOST);
}

static void who_is_asked_for(void **state)
{
	struct bench *b = *state;
	struct trace_question q = {.netns = "a", .name = "t"};
	struct model scope = {0}, *survey;
	struct trace *t;
	struct err *e;

	assert_string_equal(ask(b, "a", "10.0.1.2", 0)->target, "c/s");
	assert_string_equal(ask(b, "a", "10.0.0.100", 0)->target, "");
	must(ip_addr_parse("10.0.0.3", &q.to));
	must(datapath_survey(b->dp, &scope, DATAPATH_FOR_TRACE, b->arena, &survey));
	e = trace_run(b->dp, survey, &q, b->arena, &t);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_NOT_FOUND);
	assert_string_equal(e->message, "there is no ipvlan t in a");
	err_free(e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_a_plain_network),
		TEST(with_a_route_back),
		TEST(with_a_hairpin_port),
		TEST(without_a_gateway),
		TEST(broadcast_and_multicast),
		TEST(says_why),
		TEST(without_a_route_of_the_host),
		TEST(a_master_without_an_address),
		TEST(a_master_that_is_down),
		TEST(a_master_without_carrier),
		TEST(a_slave_with_the_wrong_arp),
		TEST(a_slave_without_arp_in_ipv6),
		TEST(a_slave_that_is_down),
		TEST(a_namespace_that_drops),
		TEST(a_host_with_a_slave_of_its_own),
		TEST(a_rule_for_a_source),
		TEST(a_slave_in_a_vrf),
		TEST(a_vrf_has_routes_of_its_own),
		TEST(who_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ||
	       golden_end(GOLDEN "/trace.txt");
}
