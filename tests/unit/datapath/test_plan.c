/* The rules of a plan, one by one: what it does, in which order, what it leaves alone,
 * and the sentences. Whatever is planned is run on the simulated kernel too, and must
 * leave nothing to do. */
#include "build.h"

#include <errno.h>
#include <string.h>

static void makes_a_slave(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 10.0.1.2/24");
	const struct plan_step *add;

	want_route(b, s, "default via 10.0.0.1");
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n"
			"+ add address 10.0.1.2/24 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WORK, "");
	expect_verdict(b, NULL, NULL, "eth0", PLAN_READY, "");
	add = plan_step_of(b, 1);
	assert_ptr_equal(add->want, &b->want.masters[0].slaves[0]);
	assert_null(add->have);
	assert_int_equal(add->after, 0);
	assert_int_equal(plan_step_of(b, 2)->after, 1);
	/* The route needs the address whose subnet holds its gateway. */
	assert_int_equal(plan_step_of(b, 4)->after, 2);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
}

static void leaves_foreign_devices(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "lab7"));
	must(sim_add_link(b->dp, "lab7", "eth0", "veth", NULL, -1, -1));
	must(sim_add_addr(b->dp, "lab7", "eth0", "10.0.0.9/24"));
	want_slave(b, eth0(b), "lab7", "eth0", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "lab7", "eth1", "10.0.0.3/24");
	bench_converge(b);
	expect_verdict(b, "lab7", "eth0", "eth0", PLAN_CONFLICT,
		       "lab7 already has a veth called eth0 that ipvl did not make: "
		       "rename or remove "
		       "it, and ours takes its place");
	expect_verdict(b, "lab7", "eth1", "eth0", PLAN_READY, "");
	b->want.masters[0].slaves[0].intent = MODEL_GONE;
	expect_steps(b, "");
	b->want.masters[0].slaves[0].intent = MODEL_PRESENT;
	must(sim_del_link(b->dp, "lab7", "eth0"));
	bench_converge(b);
	expect_verdict(b, "lab7", "eth0", "eth0", PLAN_READY, "");
}

/* "a bridge", but "an ipvlan". */
static void names_the_kind_of_a_foreign_device(void **state)
{
	static const char *const kinds[][2] = {
		{"bridge", "a bridge"},
		{"amt", "an amt"},
		{"erspan", "an erspan"},
		{"ipip", "an ipip"},
		{"openvswitch", "an openvswitch"},
		{"", "a device"},
	};
	struct bench *b = *state;

	must(sim_add_link(b->dp, "", "x", "bridge", NULL, -1, -1));
	want_slave(b, eth0(b), "", "x", "");
	bench_plan(b);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		b->have->masters[0].slaves[0].seen.kind = kinds[i][0];
		plan_build(&b->want, b->have, b->arena, &b->plan);
		expect_verdict(b, "", "x", "eth0", PLAN_CONFLICT,
			       arena_printf(b->arena,
					    "this host already has %s called x that ipvl "
					    "did not make: rename or remove it, and ours "
					    "takes its place",
					    kinds[i][1]));
	}
}

static void recognises_a_renamed_slave(void **state)
{
	struct bench *b = *state;
	uint32_t ifindex;

	settled(b);
	ifindex = seen(b, "eth0", "ns1", "a")->seen.ifindex;
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	expect_steps(b, "~ rename slave ns1/tmp0 to a\n"
			"~ set ns1/a up\n"
			"+ add address 2001:db8::2/64 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "a")->seen.ifindex, ifindex);
	/* One that is up is made anew: 6.1 renames only what is down. */
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_set_link(b->dp, "ns1", "tmp0", true, 0));
	bench_plan(b);
	assert_string_equal(plan_step_of(b, 0)->why, "a is called tmp0");
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	bench_converge(b);
	assert_int_not_equal(seen(b, "eth0", "ns1", "a")->seen.ifindex, ifindex);
}

/* Which of two it was, nobody knows. */
static void does_not_guess_names(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_slave(b, &b->want.masters[0], "ns1", "b", "");
	bench_converge(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_del_link(b->dp, "ns1", "b"));
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_ADD), 2);
	bench_converge(b);
}

static void does_not_guess_devices(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "");
	want_slave(b, &b->want.masters[0], "ns1", "b", "");
	bench_converge(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	must(sim_rename_link(b->dp, "ns1", "a", "tmp0"));
	must(sim_set_link(b->dp, "ns1", "b", false, 0));
	must(sim_rename_link(b->dp, "ns1", "b", "tmp1"));
	b->want.masters[0].slaves[1].intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_RENAME), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 2);
	bench_converge(b);
}

/* Whatever a provider shows beside what was asked for: what has not our mark is left
 * alone. */
static void leaves_what_nobody_asked_for(void **state)
{
	struct bench *b = *state;

	settled(b);
	bench_plan(b);
	want_netns(b, "ns1")->is_ours = true; /* and, wrongly, not wanted */
	b->have->masters[0].slaves[0].name = "other";
	b->have->masters[0].slaves[0].seen.presence = MODEL_FOREIGN;
	plan_build(&b->want, b->have, b->arena, &b->plan);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 0);
	assert_int_equal(count_steps(b, PLAN_OP_NETNS_DEL), 0);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_ADD), 1);
	bench_is_settled(b);
}

static void moves_to_another_master(void **state)
{
	struct bench *b = *state;
	const struct plan_step *del, *add;

	settled(b);
	b->want = (struct model){0};
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L3), "ns1", "a", "10.0.0.2/24");
	want_slave(b, eth0(b), "ns1", "a", "")->intent = MODEL_GONE;
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_LINK_DEL), 1);
	del = find_step(b, PLAN_OP_LINK_DEL, "ns1", "a");
	add = find_step(b, PLAN_OP_LINK_ADD, "ns1", "a");
	assert_string_equal(del->why, "is on another master");
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->why,
			    "is on another master");
	assert_non_null(del->loss);
	assert_non_null(del->want);
	assert_int_equal(add->after, del->id);
	bench_converge(b);
}

static void disables_and_enables(void **state)
{
	struct bench *b = *state;

	settled(b)->intent = MODEL_DISABLED;
	expect_steps(b, "- delete slave ns1/a: is disabled (disruptive)\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_DISABLED, "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = MODEL_PRESENT;
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	/* A master that is gone takes its slaves along, whatever they say. */
	b->want.masters[0].intent = MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n");
	assert_int_equal(b->plan->n_verdicts, 0);
	bench_converge(b);
}

static void mends_a_link_that_was_down(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_link(b->dp, "ns1", "a", false, 0));
	expect_steps(b, "~ set ns1/a up\n"
			"+ add address 2001:db8::2/64 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	assert_int_equal(plan_step_of(b, 2)->after, 0);
	bench_converge(b);
}

/* What a plan says of the steps of a new slave, and of one that was there. */
static void names_the_reason(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->why,
			    "is missing");
	bench_converge(b);
	must(sim_del_link(b->dp, "ns1", "a"));
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->why,
			    "is missing");
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->u.lost,
			    "deleted");
}

/* A namespace that was made again is told by its inode, which may be used again, or by an
 * event. */
static void tells_a_namespace_made_again(void **state)
{
	struct bench *b = *state;
	struct model_netns *n;

	want_slave(b, eth0(b), "ns1", "a", "");
	bench_converge(b);
	n = want_netns(b, "ns1");
	n->is_wanted = true;
	bench_plan(b);
	n->last_inode = model_find_netns(b->have, "ns1")->seen.inode;
	must(sim_del_link(b->dp, "ns1", "a"));
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->u.lost,
			    "deleted");
	n->has_changed = true;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->u.lost,
			    "namespace ns1 removed and made again");
	n->has_changed = false;
	n->last_inode++;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->u.lost,
			    "namespace ns1 removed and made again");
}

/* What a row was like when it was settled matters only where drift is left. */
static void repairs_a_settled_master(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	settled(b);
	m = &b->want.masters[0];
	m->settled = (struct model_settled){
		.is_settled = true,
		.below_ifindex = model_find_master(b->have, "", "eth0")->seen.ifindex};
	must(sim_set_port(b->dp, "ns1", "a", MODEL_MODE_L3, MODEL_FLAG_BRIDGE));
	expect_steps(b, "~ set mode of eth0: l3 -> l2\n");
	m->drift = MODEL_DRIFT_REPORT;
	expect_steps(b, "");
	m->settled.is_settled = false;
	expect_steps(b, "~ set mode of eth0: l3 -> l2\n");
	/* Another device of its name. */
	m->settled.is_settled = true;
	m->settled.below_ifindex++;
	expect_steps(b, "~ set mode of eth0: l3 -> l2\n");
}

static bool is_remade(struct bench *b)
{
	bench_plan(b);
	return find_step(b, PLAN_OP_LINK_ADD, "ns1", "a");
}

/* The same of a slave: on the device, and in the namespace, in which it was settled. */
static void leaves_a_settled_slave(void **state)
{
	struct bench *b = *state;
	struct model_slave *s;

	want_netns(b, "ns1")->is_wanted = true;
	s = settled(b);
	s->settled = (struct model_settled){
		.is_settled = true,
		.below_ifindex = model_find_master(b->have, "", "eth0")->seen.ifindex,
		.netns_inode = model_find_netns(b->have, "ns1")->seen.inode};
	must(sim_del_link(b->dp, "ns1", "a"));
	assert_true(is_remade(b));
	s->drift = MODEL_DRIFT_REPORT;
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_DRIFTED, "");
	s->settled.below_ifindex++;
	assert_true(is_remade(b));
	s->settled.below_ifindex--;
	s->settled.netns_inode++;
	assert_true(is_remade(b));
	s->settled.netns_inode--;
	assert_false(is_remade(b));
	s->settled.is_settled = false;
	assert_true(is_remade(b));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_the_reason),
		TEST(tells_a_namespace_made_again),
		TEST(repairs_a_settled_master),
		TEST(leaves_a_settled_slave),
		TEST(makes_a_slave),
		TEST(leaves_foreign_devices),
		TEST(names_the_kind_of_a_foreign_device),
		TEST(recognises_a_renamed_slave),
		TEST(does_not_guess_names),
		TEST(does_not_guess_devices),
		TEST(leaves_what_nobody_asked_for),
		TEST(moves_to_another_master),
		TEST(disables_and_enables),
		TEST(mends_a_link_that_was_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
