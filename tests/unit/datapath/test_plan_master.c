/* The rules of a plan for masters and their ports. */
#include "build.h"

static void master_is_set_up_once(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	eth0(b);
	expect_steps(b, ""); /* nothing is made on it */
	want_slave(b, &b->want.masters[0], "", "a", "");
	expect_steps(b, "~ set eth0 up\n"
			"+ add slave a on eth0 (l2 bridge)\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	assert_string_equal(plan_step_of(b, 0)->why, "is down");
	/* With an MTU that it has, and with another. */
	b->want.masters[0].mtu = 1500;
	bench_plan(b);
	assert_string_equal(plan_step_of(b, 0)->why, "is down");
	b->want.masters[0].mtu = 1400;
	bench_plan(b);
	assert_string_equal(plan_step_of(b, 0)->why, "is down, mtu 1500 -> 1400");
	b->want.masters[0].mtu = 0;
	bench_converge(b);
	/* Down by hand: neither a second slave nor a route sets it up again. */
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	expect_steps(b, "");
	want_slave(b, &b->want.masters[0], "", "b", "");
	want_master_route(b, &b->want.masters[0], "10.8.0.0/16");
	expect_steps(b, "+ add slave b on eth0 (l2 bridge)\n");
	bench_converge(b);
	expect_verdict(b, NULL, NULL, "eth0", PLAN_WAITING,
		       "waiting for eth0 to be set up: its routes need it");
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	expect_steps(b, "+ add route 10.8.0.0/16 to eth0\n");
	assert_null(plan_step_of(b, 0)->want);
	bench_converge(b);
}

static void a_route_sets_the_master_up(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	want_master_route(b, eth0(b), "10.8.0.0/16");
	expect_steps(b, "~ set eth0 up\n"
			"+ add route 10.8.0.0/16 to eth0\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	assert_null(plan_step_of(b, 1)->want);
	bench_converge(b);
}

/* Its slaves are as wanted, and nothing passes through them. */
static void a_master_down_by_hand(void **state)
{
	struct bench *b = *state;
	static const char down[] = "eth0 is down, so no packet passes through its "
				   "slaves: `ip link set eth0 up`\n";
	static const char no_carrier[] =
		"eth0 has no carrier, so no packet passes through its slaves: "
		"check its cable and the device at its other end\n";

	settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", down);
	expect_warnings(b, NULL, NULL, "eth0", down);
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	must(sim_set_carrier(b->dp, "", "eth0", false));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", no_carrier);
	expect_warnings(b, NULL, NULL, "eth0", no_carrier);
	must(sim_set_carrier(b->dp, "", "eth0", true));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	expect_warnings(b, NULL, NULL, "eth0", "");
}

/* A master that nothing is on is nobody's trouble. */
static void an_unused_master_down(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->intent = MODEL_DISABLED;
	bench_converge(b);
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_warnings(b, NULL, NULL, "eth0", "");
}

static void mtu_above_the_masters(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	static const char text[] =
		"mtu 9000 is above the 1500 of eth0, and longer packets are lost: set "
		"the mtu of eth0, or leave out that of the slave\n";

	s->mtu = 9000;
	bench_plan(b);
	expect_warnings(b, "ns1", "a", "eth0", text);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", text);
	/* As it will be, not as it is. */
	b->want.masters[0].mtu = 9000;
	bench_plan(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
	bench_converge(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
}

/* A device that is known by its ifindex under another name. */
static void waits_for_a_renamed_master(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "", "a", "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_PRESENT;
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	must(sim_rename_link(b->dp, "", "eth0", "lan0"));
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0", PLAN_WAITING,
		       "eth0 is called lan0: rename it back, or `ipvl-ctl set-master "
		       "eth0 name=lan0`");
	expect_verdict(b, "", "a", "eth0", PLAN_WAITING,
		       "eth0 is called lan0: rename it back, or `ipvl-ctl set-master "
		       "eth0 name=lan0`");
}

static void waits_for_master(void **state)
{
	struct bench *b = *state;

	want_slave(b, want_master(b, "eth7", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth7", PLAN_WAITING, "waiting for eth7 to appear");
	expect_verdict(b, NULL, NULL, "eth7", PLAN_WAITING, "waiting for eth7 to appear");
	must(sim_add_master(b->dp, "", "eth7", "dummy"));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth7", PLAN_READY, "");
	must(sim_del_link(b->dp, "", "eth7"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth7", PLAN_WAITING, "waiting for eth7 to appear");
}

static void a_strangers_port_is_not_changed(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "lab7"));
	must(sim_add_link(b->dp, "lab7", "x0", "ipvlan", "eth0", MODEL_MODE_L3,
			  MODEL_FLAG_BRIDGE));
	want_slave(b, eth0(b), "", "a", "");
	expect_steps(b, "");
	expect_verdict(
		b, NULL, NULL, "eth0", PLAN_CONFLICT,
		"eth0 carries lab7/x0, which ipvl did not make, as l3 bridge, and mode "
		"and flag are "
		"those of the whole master: remove it, or declare the same with "
		"`ipvl-ctl set-master eth0 mode=l3 flag=bridge`");
	assert_int_equal(verdict(b, "", "a", "eth0")->kind, PLAN_CONFLICT);
	b->want.masters[0].mode = MODEL_MODE_L3;
	bench_converge(b);
}

/* Once ours is there, a stranger's mode is drift; the stranger stays. */
static void a_later_stranger_is_drift(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_link(b->dp, "", "x0", "ipvlan", "eth0", -1, MODEL_FLAG_VEPA));
	expect_steps(b, "~ set mode and flag of eth0: l3 vepa -> l2 bridge\n");
	assert_null(plan_step_of(b, 0)->loss);
	assert_int_equal(plan_step_of(b, 0)->u.port.mode, MODEL_MODE_L3);
	expect_verdict(b, NULL, NULL, "eth0", PLAN_WORK, "");
	bench_converge(b);
	b->want.masters[0].mode = MODEL_MODE_L3S;
	expect_steps(b, "~ set mode of eth0: l2 -> l3s (disruptive)\n");
	bench_converge(b);
	must(sim_del_link(b->dp, "", "x0"));
}

/* A row that waits for its new master keeps its device on the old one, whose port is set
 * through it, whatever becomes of another row's. */
static void a_port_with_a_slave_of_another_row(void **state)
{
	struct bench *b = *state;

	settled(b);
	want_slave(b, &b->want.masters[0], "ns2", "b", "10.0.0.3/24");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	b->want.masters[0].mode = MODEL_MODE_L3S;
	want_slave(b, want_master(b, "eth9", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns2", "b", "10.0.0.3/24");
	expect_steps(b, "- delete slave ns2/b: is on another master (disruptive)\n"
			"~ set mode of eth0: l2 -> l3s (disruptive)\n"
			"+ add slave ns2/b on eth1 (l2 bridge)\n"
			"+ add address 10.0.0.3/24 to ns2/b\n");
	assert_string_equal(plan_step_of(b, 1)->have->netns, "ns1");
	bench_converge(b);
	assert_int_equal(b->have->masters[0].seen.mode, MODEL_MODE_L3S);
	/* Alone in the scope, the master shows the device of the row that is not. */
	b->want.n_masters = 1;
	b->want.masters[0].mode = MODEL_MODE_L3;
	must(datapath_observe(b->dp, &b->want, DATAPATH_SCOPE, b->arena, &b->have));
	plan_build(&b->want, b->have, b->arena, &b->plan);
	assert_string_equal(bench_text(b), "~ set mode of eth0: l3s -> l3\n");
	bench_apply(b);
	assert_int_equal(b->results[0].kind, PLAN_DONE);
}

static void a_busy_master_is_left(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "br0", "bridge", "eth0", -1, -1));
	want_slave(b, eth0(b), "ns1", "a", "");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0", PLAN_CONFLICT,
		       "eth0 is in use by bridge br0, and the kernel allows no ipvlan "
		       "beside that: free it, "
		       "and the slaves are made");
	must(sim_del_link(b->dp, "", "br0"));
	bench_converge(b);
}

static void follows_the_mtu(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "", "a", "");
	want_slave(b, &b->want.masters[0], "", "b", "")->mtu = 1300;
	bench_converge(b);
	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	expect_steps(b, "~ set mtu of b: 1400 -> 1300\n");
	bench_converge(b);
	must(sim_set_link(b->dp, "", "a", true, 1200));
	expect_steps(b, "~ set mtu of a: 1200 -> 1400\n");
	assert_null(plan_step_of(b, 0)->loss);
	bench_converge(b);
	/* Our own change of the master's overwrites the slaves' as well. */
	b->want.masters[0].mtu = 1500;
	expect_steps(b, "~ set mtu of eth0: 1400 -> 1500\n"
			"~ set mtu of b: 1500 -> 1300\n");
	assert_string_equal(plan_step_of(b, 0)->why, "mtu 1400 -> 1500");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	bench_converge(b);
	/* A new slave does not wait for it: one is made where it fails as well. */
	b->want.masters[0].mtu = 1400;
	want_slave(b, &b->want.masters[0], "", "c", "");
	expect_steps(b, "~ set mtu of eth0: 1500 -> 1400\n"
			"+ add slave c on eth0 (l2 bridge)\n"
			"~ set mtu of b: 1400 -> 1300\n");
	assert_int_equal(plan_step_of(b, 1)->after, PLAN_NO_STEP);
	bench_converge(b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(master_is_set_up_once),
		TEST(a_route_sets_the_master_up),
		TEST(a_master_down_by_hand),
		TEST(an_unused_master_down),
		TEST(mtu_above_the_masters),
		TEST(waits_for_master),
		TEST(waits_for_a_renamed_master),
		TEST(a_strangers_port_is_not_changed),
		TEST(a_later_stranger_is_drift),
		TEST(a_port_with_a_slave_of_another_row),
		TEST(a_busy_master_is_left),
		TEST(follows_the_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
