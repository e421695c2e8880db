/* The rules of a plan for devices that ipvl makes for masters: VLANs, dummies, bridges. */
#include "build.h"

static struct model_master *vlan(struct bench *b, const char *link, uint16_t id)
{
	struct model_master *m = want_master(b, "eth0.5", MODEL_MODE_L2);

	m->vlan_link = link;
	m->vlan_id = id;
	return m;
}

static void makes_a_vlan(void **state)
{
	struct bench *b = *state;

	want_slave(b, vlan(b, "eth7", 5), "ns1", "a", "10.0.0.2/24");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0.5", PLAN_WAITING,
		       "waiting for eth7 to appear");
	b->want.masters[0].vlan_link = "eth0";
	expect_steps(b, "+ add namespace ns1\n"
			"+ add VLAN eth0.5 (id 5 on eth0)\n"
			"~ set eth0.5 up\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 2)->after, 1);
	assert_int_equal(plan_step_of(b, 3)->after, 2);
	bench_converge(b);
	/* Another id: the VLAN takes its slaves along. */
	b->want.masters[0].vlan_id = 6;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_MASTER_DEL, NULL, NULL)->why,
			    "vlan eth0 5 -> eth0 6");
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 0);
	bench_converge(b);
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete VLAN eth0.5: no longer wanted (disruptive)\n");
	bench_converge(b);
}

static struct model_master *lab(struct bench *b, enum model_kind kind)
{
	struct model_master *m = want_master(b, "lab0", MODEL_MODE_L2);

	m->kind = kind;
	return m;
}

static void makes_a_dummy(void **state)
{
	struct bench *b = *state;

	want_slave(b, lab(b, MODEL_KIND_DUMMY), "ns1", "a", "");
	b->want.masters[0].mtu = 1400;
	expect_steps(b, "+ add namespace ns1\n"
			"+ add dummy lab0\n"
			"~ set lab0 up, mtu 1400\n"
			"+ add slave ns1/a on lab0 (l2 bridge)\n");
	assert_int_equal(plan_step_of(b, 2)->after, 1);
	bench_converge(b);
	must(sim_set_link(b->dp, "", "lab0", false, 0));
	expect_steps(b, "~ set lab0 up\n");
	bench_converge(b);
	/* Another kind: it is made again, and takes its slaves along. */
	b->want.masters[0].kind = MODEL_KIND_BRIDGE;
	expect_steps(b, "- delete dummy lab0: dummy -> bridge (disruptive)\n"
			"+ add bridge lab0\n"
			"~ set lab0 up, mtu 1400\n"
			"+ add slave ns1/a on lab0 (l2 bridge)\n");
	bench_converge(b);
	b->want.masters[0].intent = MODEL_GONE;
	b->want.masters[0].kind = MODEL_KIND_NONE;
	expect_steps(b, "- delete bridge lab0: no longer wanted (disruptive)\n");
	bench_converge(b);
}

static void a_foreign_device_serves_if_of_the_kind(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "lab0", "dummy", NULL, -1, -1));
	want_slave(b, lab(b, MODEL_KIND_BRIDGE), "ns1", "a", "");
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "lab0", PLAN_CONFLICT,
		       "this host already has a dummy called lab0 that ipvl did not "
		       "make: rename or remove "
		       "it, or leave out `kind` to use it as it is");
	b->want.masters[0].kind = MODEL_KIND_DUMMY;
	expect_steps(b, "+ add namespace ns1\n"
			"~ set lab0 up\n"
			"+ add slave ns1/a on lab0 (l2 bridge)\n");
	bench_converge(b);
	b->want.masters[0].intent = MODEL_GONE;
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
}

/* A VLAN of ours goes, and is made again, with the device of ours below it. */
static void a_vlan_follows_a_dummy(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	lab(b, MODEL_KIND_DUMMY);
	m = want_master(b, "a.5", MODEL_MODE_L2);
	m->vlan_link = "lab0";
	m->vlan_id = 5;
	expect_steps(b, "+ add dummy lab0\n"
			"+ add VLAN a.5 (id 5 on lab0)\n"
			"~ set lab0 up\n"
			"~ set a.5 up\n");
	bench_converge(b);
	model_find_master(&b->want, "", "lab0")->kind = MODEL_KIND_BRIDGE;
	expect_steps(b, "- delete VLAN a.5: lab0 is made again (disruptive)\n"
			"- delete dummy lab0: dummy -> bridge (disruptive)\n"
			"+ add bridge lab0\n"
			"+ add VLAN a.5 (id 5 on lab0)\n"
			"~ set lab0 up\n"
			"~ set a.5 up\n");
	bench_converge(b);
	model_find_master(&b->want, "", "lab0")->intent = MODEL_GONE;
	expect_steps(b, "- delete bridge lab0: no longer wanted (disruptive)\n");
	expect_verdict(b, NULL, NULL, "a.5", PLAN_WAITING, "waiting for lab0 to appear");
}

/* A VLAN with another id is made anew: what the old one has goes with it, and what is
 * wrong with it needs no warning. */
static void makes_a_vlan_again(void **state)
{
	struct bench *b = *state;

	want_slave(b, vlan(b, "eth0", 5), "ns1", "a", "10.0.0.2/24");
	bench_converge(b);
	must(sim_add_addr(b->dp, "", "eth0.5", "10.0.0.9/24"));
	must(sim_set_link(b->dp, "", "eth0.5", false, 0));
	want_slave(b, &b->want.masters[0], "ns1", "b", "10.0.0.9/24");
	bench_plan(b);
	assert_int_equal(verdict(b, "ns1", "b", "eth0.5")->kind, PLAN_CONFLICT);
	b->want.masters[0].vlan_id = 6;
	expect_steps(b, "- delete VLAN eth0.5: vlan eth0 5 -> eth0 6\n"
			"+ add VLAN eth0.5 (id 6 on eth0)\n"
			"~ set eth0.5 up\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n"
			"+ add slave ns1/b on eth0.5 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n"
			"+ add address 10.0.0.9/24 to ns1/b\n");
	expect_warnings(b, NULL, NULL, "eth0.5", "");
	bench_converge(b);
}

/* A VLAN in another namespace than the device below it, which is not seen there. */
static void a_vlan_far_from_its_link(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	must(sim_add_netns(b->dp, "far"));
	must(sim_add_link(b->dp, "", "eth0.5", "vlan", "eth0", -1, -1));
	must(sim_move_link(b->dp, "", "eth0.5", "far"));
	must(sim_set_link(b->dp, "far", "eth0.5", true, 0));
	m = want_master(b, "eth0.5", MODEL_MODE_L2);
	m->netns = "far";
	want_netns(b, "far")->is_wanted = true;
	want_slave(b, m, "ns1", "a", "10.0.0.2/24");
	bench_converge(b);
	must(sim_set_link(b->dp, "far", "eth0.5", false, 0));
	bench_plan(b);
	expect_warnings(b, NULL, NULL, "eth0.5",
			"far/eth0.5 is down, so no packet passes through its slaves: "
			"`ip -n far link set eth0.5 up`\n");
}

/* The device below a VLAN of ours went to another namespace before the VLAN was used. */
static void a_vlan_whose_link_went(void **state)
{
	struct bench *b = *state;

	vlan(b, "eth0", 5);
	bench_converge(b);
	must(sim_add_netns(b->dp, "far"));
	must(sim_move_link(b->dp, "", "eth0", "far"));
	want_slave(b, &b->want.masters[0], "ns1", "a", "");
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n");
}

/* Known before it is made, with what follows from it. */
static void a_new_vlan_has_the_mtu_of_the_device_below(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	want_slave(b, vlan(b, "eth0", 5), "ns1", "a", "")->mtu = 1500;
	bench_plan(b);
	expect_warnings(b, "ns1", "a", "eth0.5",
			"mtu 1500 is above the 1400 of eth0.5, and longer packets are "
			"lost: set the mtu of eth0.5, or leave out that of the slave\n");
	bench_converge(b);
	expect_warnings(b, "ns1", "a", "eth0.5",
			"mtu 1500 is above the 1400 of eth0.5, and longer packets are "
			"lost: set the mtu of eth0.5, or leave out that of the slave\n");
}

/* Also where that one is in conflict. */
static void a_new_vlan_on_a_master_in_conflict(void **state)
{
	struct bench *b = *state;

	must(sim_set_link(b->dp, "", "eth0", true, 1400));
	eth0(b)->kind = MODEL_KIND_BRIDGE;
	want_slave(b, vlan(b, "eth0", 5), "", "b", "")->mtu = 1500;
	bench_plan(b);
	expect_verdict(
		b, NULL, NULL, "eth0", PLAN_CONFLICT,
		"this host already has a dummy called eth0 that ipvl did not make: "
		"rename or remove it, or leave out `kind` to use it as it is");
	expect_warnings(b, "", "b", "eth0.5",
			"mtu 1500 is above the 1400 of eth0.5, and longer packets are "
			"lost: set the mtu of eth0.5, or leave out that of the slave\n");
}

static void leaves_foreign_vlans(void **state)
{
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "eth0.5", "vlan", "eth0", -1, -1));
	want_slave(b, vlan(b, "eth0", 5), "ns1", "a", "");
	expect_steps(b, "");
	expect_verdict(
		b, NULL, NULL, "eth0.5", PLAN_CONFLICT,
		"this host already has a vlan called eth0.5 that ipvl did not "
		"make: take it over with `ipvl-ctl adopt eth0.5`, leave out `vlan` "
		"to use it as it is, or rename or remove it");
	must(sim_del_link(b->dp, "", "eth0.5"));
	bench_converge(b);
	/* Ours, but somebody else stands on it. */
	must(sim_add_link(b->dp, "", "x", "ipvlan", "eth0.5", MODEL_MODE_L2, 0));
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	bench_converge(b);
}

/* The device below is a declared master: it is set up first, and made first if it is a
 * VLAN too. */
static void stacks_vlans(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	must(sim_set_link(b->dp, "", "eth0", false, 0));
	eth0(b);
	vlan(b, "eth0", 5);
	m = want_master(b, "a.7", MODEL_MODE_L2);
	m->vlan_link = "eth0.5";
	m->vlan_id = 7;
	expect_steps(b, "+ add VLAN eth0.5 (id 5 on eth0)\n"
			"+ add VLAN a.7 (id 7 on eth0.5)\n"
			"~ set eth0 up\n"
			"~ set eth0.5 up\n"
			"~ set a.7 up\n");
	bench_converge(b);
}

/* Nobody declared the card: it is set up once, as a master is, and told of later. */
static void a_card_below_a_vlan_is_set_up(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0.5", MODEL_MODE_L2);

	m->vlan_link = "eth0";
	m->vlan_id = 5;
	want_slave(b, m, "ns1", "a", "10.0.0.2/24");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add VLAN eth0.5 (id 5 on eth0)\n"
			"~ set eth0 up\n"
			"~ set eth0.5 up\n"
			"+ add slave ns1/a on eth0.5 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n");
	expect_warnings(b, NULL, NULL, "eth0.5", "");
	bench_converge(b);
	expect_warnings(b, NULL, NULL, "eth0.5", "");
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0.5",
			"eth0 is down, so no packet passes through the slaves of eth0.5: "
			"`ip link set eth0 up`\n");
	must(sim_set_link(b->dp, "", "eth0", true, 0));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0.5", "");
}

/* The warning is there at once: one that only the next observation found would be drift. */
static void a_vlan_is_made_on_a_card_that_is_down(void **state)
{
	static const char down[] =
		"eth0 is down, so no packet passes through the slaves of eth0.5: "
		"`ip link set eth0 up`\n";
	struct bench *b = *state;
	struct model_master *m;

	want_slave(b, eth0(b), "", "a", "");
	bench_converge(b);
	must(sim_set_link(b->dp, "", "eth0", false, 0));
	m = vlan(b, "eth0", 5);
	want_slave(b, m, "", "b", "");
	expect_steps(b, "+ add VLAN eth0.5 (id 5 on eth0)\n"
			"+ add slave b on eth0.5 (l2 bridge)\n");
	expect_warnings(b, NULL, NULL, "eth0.5", down);
	expect_warnings(b, "", "b", "eth0.5", down);
	bench_converge(b);
	expect_warnings(b, NULL, NULL, "eth0.5", down);
	expect_warnings(b, "", "b", "eth0.5", down);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_card_below_a_vlan_is_set_up),
		TEST(a_vlan_is_made_on_a_card_that_is_down),
		TEST(makes_a_vlan),
		TEST(makes_a_vlan_again),
		TEST(makes_a_dummy),
		TEST(a_foreign_device_serves_if_of_the_kind),
		TEST(a_vlan_follows_a_dummy),
		TEST(a_vlan_far_from_its_link),
		TEST(a_vlan_whose_link_went),
		TEST(a_new_vlan_has_the_mtu_of_the_device_below),
		TEST(a_new_vlan_on_a_master_in_conflict),
		TEST(leaves_foreign_vlans),
		TEST(stacks_vlans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
