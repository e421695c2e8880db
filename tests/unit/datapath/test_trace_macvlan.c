/* The way of a packet between macvlans, and between taps, on the simulator:
 * tests/kernel/test_trace_macvlan.py compares the same ways with packets on a real kernel. */
#include "trace_ask.h"

#include "datapath/link_type.h"
#include "datapath/plugin.h"
#include "lib/alloc.h"

#include <stdio.h>
#include <string.h>

/* IFLA_MACVLAN_MODE (Linux include/uapi/linux/if_link.h). */
enum { PRIVATE = 1, VEPA = 2, BRIDGE = 4, PASSTHRU = 8 };

static void add_slave(struct bench *b, const char *kind, const char *netns, int mode,
		      const char *address)
{
	struct model_route r = route("default via 10.0.0.1");

	must(sim_add_netns(b->dp, netns));
	must(sim_add_link(b->dp, netns, "s", kind, "eth0", mode, -1));
	must(sim_set_link(b->dp, netns, "s", true, 0));
	must(sim_add_addr(b->dp, netns, "s", address));
	must(sim_add_route(b->dp, netns, "s", &r, true));
}

/* The ways a to b, a to the host, a to a host outside, the host to a. */
static void expect(struct bench *b, unsigned int outside, const char *letters)
{
	static const char verdicts[] = {
		[TRACE_ARRIVES] = '+', [TRACE_LOST] = '-', [TRACE_UNKNOWN] = '?'};
	char found[] = {
		verdicts[ask(b, "a", "10.0.0.3", outside)->verdict],
		verdicts[ask(b, "a", "10.0.0.10", outside)->verdict],
		verdicts[ask(b, "a", "10.0.0.100", outside)->verdict],
		verdicts[ask(b, "", "10.0.0.2", outside)->verdict],
		'\0',
	};

	assert_string_equal(found, letters);
}

static void add_slaves(struct bench *b, const char *kind, int mode)
{
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.10/24"));
	add_slave(b, kind, "a", mode, "10.0.0.2/24");
	if (mode != PASSTHRU)
		add_slave(b, kind, "b", mode, "10.0.0.3/24");
}

static void in_mode_bridge(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "macvlan", BRIDGE);
	expect(b, 0, "+-+-");
	expect(b, TRACE_HAIRPIN, "++++");
	assert_int_equal(ask(b, "a", "10.0.0.255", 0)->verdict, TRACE_ARRIVES);
	assert_string_equal(ask(b, "a", "10.0.0.3", 0)->target, "b/s");
	/* The host has a MAC address of its own, and does not forward. */
	assert_int_equal(ask(b, "a", "10.0.0.100", TRACE_ROUTE_BACK)->verdict,
			 TRACE_LOST);
}

static void in_mode_private(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "macvlan", PRIVATE);
	expect(b, 0, "--+-");
	expect(b, TRACE_HAIRPIN, "--++");
	assert_int_equal(ask(b, "a", "10.0.0.255", 0)->verdict, TRACE_LOST);
	assert_string_equal(ask(b, "a", "10.0.0.3", 0)->cure, "`flag: bridge` on eth0");
}

static void in_mode_vepa(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "macvlan", VEPA);
	expect(b, 0, "--+-");
	expect(b, TRACE_HAIRPIN, "++++");
}

static void in_mode_passthru(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "macvlan", PASSTHRU);
	/* It is alone: 10.0.0.3 is outside. */
	expect(b, 0, "+-+-");
	expect(b, TRACE_HAIRPIN, "+-+-");
	/* What is for the host comes to the slave. */
	assert_int_equal(ask(b, "", "10.0.0.100", 0)->verdict, TRACE_LOST);
}

static void a_host_with_a_slave_of_its_own(void **state)
{
	struct bench *b = *state;
	struct model_route by_shim = route("10.0.0.2/32");

	add_slaves(b, "macvlan", BRIDGE);
	must(sim_add_link(b->dp, "", "shim", "macvlan", "eth0", BRIDGE, -1));
	must(sim_set_link(b->dp, "", "shim", true, 0));
	must(sim_add_route(b->dp, "", "shim", &by_shim, true));
	expect(b, 0, "++++");
}

static void a_tap(void **state)
{
	struct bench *b = *state;
	const struct trace *t;
	bool is_said = false;

	add_slaves(b, "ipvtap", MODEL_MODE_L2);
	expect(b, 0, "+-+-");
	t = ask(b, "a", "10.0.0.3", 0);
	for (size_t i = 0; i < t->n_hops; i++)
		is_said |= strstr(t->hops[i].text,
				  "b/s is of kind ipvtap: a program that has "
				  "/dev/tap") != NULL;
	assert_true(is_said);
}

/* An ipvtap is in the port of the ipvlans. */
static void a_tap_beside_ipvlans(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "ipvlan", MODEL_MODE_L2);
	add_slave(b, "ipvtap", "c", MODEL_MODE_L2, "10.0.0.4/24");
	assert_int_equal(ask(b, "c", "10.0.0.2", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "a", "10.0.0.4", 0)->verdict, TRACE_ARRIVES);
	assert_string_equal(ask(b, "a", "10.0.0.4", 0)->target, "c/s");
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_ARRIVES);
}

/* Each macvlan has a mode of its own: what two of them do with each other is not told. */
static void macvlans_of_two_modes(void **state)
{
	struct bench *b = *state;

	add_slaves(b, "macvlan", BRIDGE);
	add_slave(b, "macvlan", "c", PRIVATE, "10.0.0.4/24");
	assert_int_equal(ask(b, "a", "10.0.0.3", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "a", "10.0.0.4", 0)->verdict, TRACE_UNKNOWN);
	assert_int_equal(ask(b, "c", "10.0.0.2", 0)->verdict, TRACE_UNKNOWN);
	assert_int_equal(ask(b, "c", "10.0.0.100", 0)->verdict, TRACE_ARRIVES);
	assert_int_equal(ask(b, "", "10.0.0.4", 0)->verdict, TRACE_LOST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_mode_bridge),
		TEST(in_mode_private),
		TEST(in_mode_vepa),
		TEST(in_mode_passthru),
		TEST(a_host_with_a_slave_of_its_own),
		TEST(a_tap),
		TEST(a_tap_beside_ipvlans),
		TEST(macvlans_of_two_modes),
	};

	plugin_use(plugin_folder(""));
	(void)link_type_find("macvlan");
	return cmocka_run_group_tests(tests, NULL, NULL) ||
	       golden_end(GOLDEN "/trace-macvlan.txt");
}
