/* What is no longer wanted goes, whatever was in its way at first. Each case was found by
 * a random history (tests/twin). */
#include "world.h"

#include "lib/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOTHING "version: 1\nmasters: []\n"

/* True if it was there; it is deleted then. */
static bool take_link(struct world *w, const char *netns, const char *name)
{
	struct err *e = sim_del_link(w->sim, netns, name);
	bool was_there = !e;

	err_free(e);
	return was_there;
}

static bool has_netns(struct world *w, const char *name)
{
	struct err *e = sim_add_netns(w->sim, name);
	bool was_there = e;

	err_free(e);
	return was_there;
}

static void start(struct world *w, const char *yaml)
{
	world_apply(w, yaml);
	world_start(w);
	world_run_for(w, 1000);
}

static void renamed_device_whose_row_moves(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n      - {name: b, netns: ns1}\n");
	world_check(sim_set_link(w->sim, "ns1", "a", false, 0));
	world_check(sim_rename_link(w->sim, "ns1", "a", "x"));
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		       "      - {name: b, netns: ns1}\n  - name: eth1\n    slaves:\n"
		       "      - {name: a, netns: ns1}\n");
	world_run_for(w, 1000);
	assert_false(take_link(w, "ns1", "x"));
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
}

static void renamed_device_that_cannot_be_renamed_back(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1, addresses: [\"2001:db8::1/64\"]}\n");
	world_check(sim_set_link(w->sim, "ns1", "a", false, 0));
	world_check(sim_rename_link(w->sim, "ns1", "a", "x"));
	sim_fail_step(w->sim, 0, EBUSY);
	world_run_for(w, 1000);
	assert_false(take_link(w, "ns1", "x"));
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
}

static void namespace_that_another_device_kept(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n");
	world_check(sim_add_link(w->sim, "ns1", "theirs", "dummy", NULL, -1, -1));
	world_apply(w, NOTHING);
	world_run_for(w, 1000);
	world_check(sim_del_link(w->sim, "ns1", "theirs"));
	world_run_for(w, 1000);
	assert_false(has_netns(w, "ns1"));
}

static void vlan_that_another_device_kept(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n"
		 "  - {name: eth0.5, vlan: {link: eth0, id: 5}}\n");
	world_check(sim_add_link(w->sim, "", "theirs", "ipvlan", "eth0.5", 0, 0));
	world_run_for(w, 1000);
	world_apply(w, NOTHING);
	world_run_for(w, 1000);
	world_check(sim_del_link(w->sim, "", "theirs"));
	world_run_for(w, 1000);
	assert_false(take_link(w, "", "eth0.5"));
}

/* The namespace was to take its slaves along; before the next try a row names it again. */
static void slave_of_a_namespace_that_could_not_go(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n");
	sim_fail_step(w->sim, 0, EBUSY);
	world_apply(w, NOTHING);
	world_run_for(w, 10);
	world_apply(w, "version: 1\nmasters:\n  - name: eth1\n    slaves:\n"
		       "      - {name: b, netns: ns1}\n");
	world_run_for(w, 10000);
	assert_false(take_link(w, "ns1", "a"));
	assert_true(take_link(w, "ns1", "b"));
}

/* The same with a VLAN. */
static void slave_of_a_vlan_that_could_not_go(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0.5\n"
		 "    vlan: {link: eth0, id: 5}\n    slaves: [{name: a}]\n");
	sim_fail_step(w->sim, 0, EBUSY);
	world_apply(w, NOTHING);
	world_run_for(w, 10);
	world_apply(w, "version: 1\nmasters:\n  - name: eth0.5\n"
		       "    vlan: {link: eth0, id: 5}\n    slaves: [{name: b}]\n");
	world_run_for(w, 10000);
	assert_false(take_link(w, "", "a"));
	assert_true(take_link(w, "", "b"));
}

/* The same, while the VLAN is made again with another id. */
static void slave_of_a_vlan_that_could_not_be_made_again(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0.5\n"
		 "    vlan: {link: eth0, id: 5}\n    slaves: [{name: a}]\n");
	sim_fail_step(w->sim, 0, EBUSY);
	world_apply(w, "version: 1\nmasters:\n"
		       "  - {name: eth0.5, vlan: {link: eth0, id: 6}}\n");
	world_run_for(w, 10);
	world_apply(w, "version: 1\nmasters:\n"
		       "  - {name: eth0.5, vlan: {link: eth0, id: 5}}\n");
	world_run_for(w, 10000);
	assert_false(take_link(w, "", "a"));
}

static void file_of_a_namespace_without_its_mount(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1}\n");
	sim_kill_netns(w->sim, "ns1");
	world_apply(w, NOTHING);
	world_run_for(w, 10000);
	assert_int_equal(table_count(w->columns.netns.table), 0);
	assert_false(has_netns(w, "ns1"));
}

/* The slave that remains waits, and does not set it. */
static void resolv_conf_that_no_row_sets(void **state)
{
	struct world *w = *state;
	uint64_t writes;

	start(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		 "      - {name: a, netns: ns1, nameservers: {addresses: [10.3.3.3]}}\n"
		 "      - {name: b, netns: ns1}\n");
	world_apply(w, "version: 1\nmasters:\n  - name: eth0\n    slaves:\n"
		       "      - {name: b, netns: ns1}\n  - name: eth2\n    slaves:\n"
		       "      - {name: a, netns: ns1}\n");
	world_run_for(w, 1000);
	writes = sim_writes(w->sim);
	world_stop(w);
	world_start(w);
	world_run_for(w, 1000);
	assert_int_equal(sim_writes(w->sim), writes);
}

/* The device below a VLAN had a row, which goes in the transaction that makes the VLAN. */
static void vlan_on_a_former_master_sets_it_up(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\nmasters:\n  - name: eth0\n");
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_run_for(w, 1000);
	world_apply(w, "version: 1\nmasters:\n  - {name: eth0.5, "
		       "vlan: {link: eth0, id: 5}, routes: [{to: 10.7.0.0/24}]}\n");
	world_run_for(w, 1000);
	assert_string_equal(world_master_text(w, "eth0.5", "state"), "ready");
}

int main(void)
{
#define TEST(name) WORLD_TEST(name)
	const struct CMUnitTest tests[] = {
		TEST(renamed_device_whose_row_moves),
		TEST(renamed_device_that_cannot_be_renamed_back),
		TEST(namespace_that_another_device_kept),
		TEST(vlan_that_another_device_kept),
		TEST(slave_of_a_namespace_that_could_not_go),
		TEST(slave_of_a_vlan_that_could_not_go),
		TEST(slave_of_a_vlan_that_could_not_be_made_again),
		TEST(file_of_a_namespace_without_its_mount),
		TEST(resolv_conf_that_no_row_sets),
		TEST(vlan_on_a_former_master_sets_it_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
