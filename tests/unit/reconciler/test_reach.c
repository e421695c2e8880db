/* What a pass looks at besides the objects that changed. Most cases were found by a random
 * history (tests/twin). */
#include "world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void start(struct world *w, const char *yaml)
{
	world_apply(w, yaml);
	world_start(w);
	world_run_for(w, 1000);
}

/* A daemon that is started reads everything. */
static int64_t mtu_in_kernel(struct world *w, const char *netns, const char *name)
{
	world_stop(w);
	world_start(w);
	world_run_for(w, 1000);
	return world_slave_integer(w, netns, name, "link_mtu");
}

/* The kernel overwrites the MTU of the slaves with the first change, without an event. */
static void mtu_of_a_master_that_is_back_at_once(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1, mtu: 1300}\n"
		 "      - {name: b, netns: ns1, mtu: 1300}\n");
	world_check(sim_set_link(w->sim, "", "eth0", true, 1258));
	world_check(sim_set_link(w->sim, "", "eth0", true, 1500));
	world_run_for(w, 1000);
	assert_int_equal(world_n_drifts(w), 2);
	assert_string_equal(world_drift_text(w, "found"), "mtu 1300 -> 1500");
	assert_int_equal(mtu_in_kernel(w, "ns1", "a"), 1300);
	assert_int_equal(world_slave_integer(w, "ns1", "b", "link_mtu"), 1300);
	assert_int_equal(world_n_drifts(w), 2);
}

/* The same where the pass in between fails as a whole. */
static void mtu_of_a_master_while_nothing_can_be_read(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1, mtu: 1300}\n");
	sim_fail_observe(w->sim, 1, ENOMEM);
	world_check(sim_set_link(w->sim, "", "eth0", true, 1258));
	world_check(sim_set_link(w->sim, "", "eth0", true, 1500));
	world_run_for(w, 5000);
	assert_int_equal(mtu_in_kernel(w, "ns1", "a"), 1300);
	assert_int_equal(world_n_drifts(w), 1);
}

static void mtu_of_the_device_below_a_vlan(void **state)
{
#define ON_VLAN                                                                          \
	"  - name: eth0.5\n    vlan: {link: eth0, id: 5}\n"                              \
	"    slaves: [{name: a, netns: ns1, mtu: 1300}]\n"
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - {name: eth0}\n" ON_VLAN);
	world_apply(w, "version: 1\nmasters:\n  - {name: eth0, mtu: 1400}\n" ON_VLAN);
	world_run_for(w, 1000);
	assert_int_equal(world_slave_integer(w, "ns1", "a", "link_mtu"), 1300);
	assert_int_equal(world_n_drifts(w), 0);
	/* It is not only what the row says. */
	assert_int_equal(mtu_in_kernel(w, "ns1", "a"), 1300);
	assert_int_equal(world_n_drifts(w), 0);
}

/* Rows can declare what no kernel has. */
static void vlans_on_each_other(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n"
		 "  - {name: eth0.5, vlan: {link: eth0.6, id: 5}}\n"
		 "  - {name: eth0.6, vlan: {link: eth0.5, id: 6}}\n");
	world_apply(w, "version: 1\nmasters:\n"
		       "  - {name: eth0.5, mode: l2, vlan: {link: eth0.6, id: 5}}\n"
		       "  - {name: eth0.6, mode: l2, vlan: {link: eth0.5, id: 6}}\n");
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0.5", "state"), "waiting");
}

/* Its port keeps the stranger's mode, and is no longer that of the row. */
static void last_slave_leaves_the_port_to_a_stranger(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    mode: l2\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n  - name: eth1\n");
	world_check(sim_add_link(w->sim, "", "theirs", "ipvlan", "eth0", 0, 0));
	world_run_for(w, 1000);
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    mode: l3\n"
		       "  - name: eth1\n    slaves:\n      - {name: a, netns: ns1}\n");
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "conflict");
}

/* A change of the flag alone makes no event if the device is down (kernel.md 15). */
static void stranger_that_gives_its_port_the_right_flag(void **state)
{
	struct world *w = *state;

	world_check(sim_add_link(w->sim, "", "theirs", "ipvlan", "eth0", 0, 1));
	start(w, "version: 1\nmasters:\n  - name: eth0\n    mode: l2\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n");
	assert_string_equal(world_master_text(w, "eth0", "state"), "conflict");
	world_check(sim_set_port(w->sim, "", "theirs", 0, 0));
	world_run_for(w, 20000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
}

static void stranger_that_gives_its_port_another_flag(void **state)
{
	struct world *w = *state;

	world_check(sim_add_link(w->sim, "", "theirs", "ipvlan", "eth0", 0, 0));
	start(w, "version: 1\nmasters:\n  - {name: eth0, mode: l2}\n");
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
	world_check(sim_set_port(w->sim, "", "theirs", 0, 1));
	world_run_for(w, 20000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "conflict");
}

/* The edit of a slave sets its master up: nobody had undone anything. */
static void first_slave_of_a_master_that_is_down(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n  - name: eth1\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n");
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_run_for(w, 1000);
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		       "      - {name: b, netns: ns1}\n  - name: eth1\n    slaves:\n"
		       "      - {name: a, netns: ns1}\n");
	world_run_for(w, 1000);
	assert_string_equal(world_slave_text(w, "ns1", "b", "link_state"), "up");
	assert_int_equal(world_n_drifts(w), 0);
}

/* Nor does `drift: report` of the master keep it down. */
static void first_slave_of_a_master_whose_drift_is_left(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - {name: eth0, drift: report}\n");
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_run_for(w, 1000);
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    drift: report\n"
		       "    slaves: [{name: b, netns: ns1}]\n");
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
	assert_string_equal(world_slave_text(w, "ns1", "b", "link_state"), "up");
	assert_int_equal(world_n_drifts(w), 0);
}

static void slave_waits_for_a_master_whose_other_slave_went(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth2\n    slaves:\n"
		 "      - {name: a}\n      - {name: b, netns: ns1}\n");
	world_apply(w, "version: 1\nmasters:\n  - name: eth2\n    slaves:\n"
		       "      - {name: b, netns: ns1}\n");
	world_check(sim_add_master(w->sim, "", "eth2", "dummy"));
	world_run_for(w, 1000);
	assert_string_equal(world_slave_text(w, "ns1", "b", "state"), "ready");
}

/* Their sysctls are changed without an event (kernel.md 15). */
static void change_sysctls(struct world *w)
{
	static const char *const netnses[] = {"ns1", "ns2", "ns3"};

	for (size_t i = 0; i < 3; i++)
		world_check(
			sim_set_sysctl(w->sim, netnses[i], "a", "ipv4.arp_ignore", "2"));
	world_run_for(w, 1000);
}

/* What a daemon that reads everything still has to do. */
static uint64_t writes_of_a_new_daemon(struct world *w)
{
	uint64_t before = sim_writes(w->sim);

	world_stop(w);
	world_start(w);
	world_run_for(w, 1000);
	return sim_writes(w->sim) - before;
}

static void edit_master(struct world *w, const char *columns)
{
	char yaml[512];

	snprintf(yaml, sizeof(yaml),
		 "version: 1\nmasters:\n  - name: eth0\n%s    slaves:\n"
		 "      - {name: a, netns: ns1, sysctl: {ipv4.arp_ignore: \"1\"}}\n"
		 "      - {name: a, netns: ns2, sysctl: {ipv4.arp_ignore: \"1\"}}\n"
		 "      - {name: a, netns: ns3, sysctl: {ipv4.arp_ignore: \"1\"}}\n",
		 columns);
	world_apply(w, yaml);
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
}

/* Thousands of slaves are not read because their master's port or policy is edited: at most one
 * is, through which the port is set, and another when that one is looked at again. */
static void edits_of_a_master_by_column(void **state)
{
	static const char *const few[] = {
		"    mode: l2\n    flag: private\n",
		"    mode: l3\n    flag: private\n",
		"    mode: l3\n    flag: private\n    drift: report\n",
		"    mode: l3\n    flag: private\n    drift: report\n"
		"    routes: [{to: 10.8.0.0/16}]\n",
	};
	struct world *w = *state;

	world_start(w);
	edit_master(w, "    mode: l2\n");
	for (size_t i = 0; i < sizeof(few) / sizeof(*few); i++) {
		change_sysctls(w);
		edit_master(w, few[i]);
		assert_true(writes_of_a_new_daemon(w) >= 1);
	}
	/* The kernel overwrites the MTU of all slaves (kernel.md 6). */
	change_sysctls(w);
	edit_master(w, "    mode: l3\n    mtu: 1400\n");
	assert_int_equal(writes_of_a_new_daemon(w), 0);
}

/* What keeps it from being made is another thing by then. */
static void slave_that_waits_while_its_master_is_edited(void **state)
{
	struct world *w = *state;

	world_check(sim_add_link(w->sim, "", "theirs", "ipvlan", "eth0", 1, 0));
	start(w, "version: 1\nmasters:\n  - name: eth0\n    mode: l3\n    slaves:\n"
		 "      - {name: a, netns: /run/missing}\n");
	assert_string_equal(world_slave_text(w, "/run/missing", "a", "state"), "waiting");
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    mode: l2\n    slaves:\n"
		       "      - {name: a, netns: /run/missing}\n");
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0", "state"), "conflict");
	assert_string_equal(world_slave_text(w, "/run/missing", "a", "state"),
			    "conflict");
}

int main(void)
{
#define TEST(name) WORLD_TEST(name)
	const struct CMUnitTest tests[] = {
		TEST(mtu_of_a_master_that_is_back_at_once),
		TEST(mtu_of_a_master_while_nothing_can_be_read),
		TEST(mtu_of_the_device_below_a_vlan),
		TEST(vlans_on_each_other),
		TEST(last_slave_leaves_the_port_to_a_stranger),
		TEST(stranger_that_gives_its_port_the_right_flag),
		TEST(stranger_that_gives_its_port_another_flag),
		TEST(first_slave_of_a_master_that_is_down),
		TEST(first_slave_of_a_master_whose_drift_is_left),
		TEST(slave_waits_for_a_master_whose_other_slave_went),
		TEST(edits_of_a_master_by_column),
		TEST(slave_that_waits_while_its_master_is_edited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
