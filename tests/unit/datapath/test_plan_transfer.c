/* The rules of a plan for what changes hands: adoption and release. */
#include "build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What `ip` has made: ns1/a on eth0, with an address and a default route. */
static struct model_slave *scripted(struct bench *b)
{
	struct model_route theirs = route("default via 10.0.0.1");
	struct model_slave *s;

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_add_link(b->dp, "ns1", "a", "ipvlan", "eth0", MODEL_MODE_L2, 0));
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.2/24"));
	must(sim_set_link(b->dp, "ns1", "a", true, 0));
	must(sim_add_route(b->dp, "ns1", "a", &theirs, true));
	s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	want_route(b, s, "default via 10.0.0.1");
	return s;
}

static void set_group(struct bench *b, const char *name, uint32_t group)
{
	struct twin_request r = {.kind = TWIN_LINK_SET, .netns = "ns1", .name = name};

	r.u.link.sent = TWIN_LINK_GROUP;
	r.u.link.group = group;
	must(sim_request(b->dp, &r));
}

static void adopts_in_place(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = scripted(b);
	uint32_t ifindex;

	expect_steps(b, "");
	ifindex = seen(b, "eth0", "ns1", "a")->seen.ifindex;
	s->adopts = true;
	expect_steps(b, "~ adopt slave ns1/a\n"
			"~ adopt route default via 10.0.0.1 of ns1/a\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	/* While the row still asks for it, there is nothing more to do. */
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "a")->seen.presence, MODEL_OURS);
	assert_int_equal(seen(b, "eth0", "ns1", "a")->seen.ifindex, ifindex);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	s->adopts = false;
	bench_is_settled(b);
}

/* The mark comes before everything else that is done to the device. */
static void adopts_before_it_repairs(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = scripted(b);

	must(sim_add_addr(b->dp, "ns1", "a", "10.0.1.9/24"));
	s->adopts = true;
	s->mtu = 1400;
	want_route(b, s, "10.9.0.0/16");
	s->routes[s->n_routes - 1].metric = 7;
	expect_steps(b, "~ adopt slave ns1/a\n"
			"- delete address 10.0.1.9/24 from ns1/a: is not declared "
			"(disruptive)\n"
			"~ set mtu of ns1/a: 1500 -> 1400\n"
			"+ add route 10.9.0.0/16 metric 7 to ns1/a\n"
			"~ adopt route default via 10.0.0.1 of ns1/a\n");
	for (uint32_t i = 1; i < b->plan->n_steps; i++) {
		uint32_t first = i;

		while (plan_step_of(b, first)->after != PLAN_NO_STEP)
			first = plan_step_of(b, first)->after;
		assert_int_equal(first, 0);
	}
	/* If the mark cannot be given, nothing is done. */
	sim_fail_step(b->dp, 0, EIO);
	bench_plan(b);
	bench_apply(b);
	for (size_t i = 1; i < b->n_results; i++)
		assert_int_equal(b->results[i].kind, PLAN_SKIPPED);
	sim_fail_step(b->dp, -1, 0);
	bench_converge(b);
}

static void changes_a_route_in_place(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = scripted(b);

	s->adopts = true;
	s->n_routes = 0;
	want_route(b, s, "default via 10.0.0.7");
	expect_steps(b, "~ adopt slave ns1/a\n"
			"~ adopt route default via 10.0.0.7 of ns1/a: was default via "
			"10.0.0.1\n");
	bench_converge(b);
}

static void leaves_the_route_of_another_device(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = scripted(b);
	struct model_route other = route("10.9.0.0/16");

	must(sim_add_link(b->dp, "ns1", "x", "dummy", NULL, -1, -1));
	must(sim_set_link(b->dp, "ns1", "x", true, 0));
	must(sim_add_route(b->dp, "ns1", "x", &other, true));
	s->adopts = true;
	want_route(b, s, "10.9.0.0/16");
	expect_steps(b, "~ adopt slave ns1/a\n"
			"~ adopt route default via 10.0.0.1 of ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "ns1 already has a route \"10.9.0.0/16\" that ipvl did not make: "
		       "remove it with `ip -n ns1 route del 10.9.0.0/16`, and ours takes "
		       "its place");
	bench_converge(b);
}

static void refuses_each_for_its_reason(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = scripted(b);

	s->adopts = true;
	set_group(b, "a", 5);
	expect_steps(b, "");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"ns1/a cannot be taken over: it has the link group 5, which another "
		"program, or another ipvl, has given it: `ip -n ns1 link set a group "
		"0` takes it off");
	set_group(b, "a", 0);
	b->want.masters[0].mode = MODEL_MODE_L3;
	expect_steps(b, "");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"eth0 carries ns1/a, which ipvl did not make, as l2 bridge, and mode "
		"and flag are those of the whole master: remove it, or declare the same "
		"with `ipvl-ctl set-master eth0 mode=l2 flag=bridge`");
	b->want.masters[0].mode = MODEL_MODE_L2;
	must(sim_del_link(b->dp, "ns1", "a"));
	must(sim_add_link(b->dp, "ns1", "a", "veth", NULL, -1, -1));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "ns1/a cannot be taken over: it is a veth, not an ipvlan");
	must(sim_del_link(b->dp, "ns1", "a"));
	must(sim_add_link(b->dp, "ns1", "a", "ipvlan", "eth1", MODEL_MODE_L2, 0));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "ns1/a cannot be taken over: it is not on eth0: declare it on its "
		       "master");
}

/* The device may have become another one since the plan was made. */
static void adopts_only_what_was_planned(void **state)
{
	struct bench *b = *state;

	scripted(b)->adopts = true;
	bench_plan(b);
	must(sim_del_link(b->dp, "ns1", "a"));
	must(sim_add_link(b->dp, "ns1", "a", "ipvlan", "eth0", MODEL_MODE_L2, 0));
	bench_apply(b);
	assert_int_equal(b->results[0].kind, PLAN_FAILED);
	bench_plan(b);
	set_group(b, "a", 7);
	bench_apply(b);
	assert_int_equal(b->results[0].kind, PLAN_FAILED);
	assert_null(sim_violation(b->dp));
}

static void releases_in_place(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->intent = MODEL_RELEASED;
	expect_steps(b, "~ release route default via 10.0.0.1 of ns1/a\n"
			"~ release slave ns1/a\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	/* It is ours until everything else is given up. */
	sim_fail_step(b->dp, 0, EIO);
	bench_plan(b);
	bench_apply(b);
	assert_int_equal(b->results[1].kind, PLAN_SKIPPED);
	sim_fail_step(b->dp, -1, 0);
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "a")->seen.presence, MODEL_FOREIGN);
	/* Its namespace stays, though ipvl made it and no other row is in it. */
	want_namespaces(b, true);
	expect_steps(b, "");
}

static void gives_its_resolv_conf_up(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);
	char *dump;

	s->nameservers = "10.3.3.3";
	bench_converge(b);
	s->intent = MODEL_RELEASED;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_RESOLV_SET, "ns1", "a")->u.resolv_conf,
			    "nameserver 10.3.3.3\n");
	bench_converge(b);
	dump = sim_dump(b->dp);
	assert_non_null(strstr(dump, "  resolv.conf foreign\n"));
	free(dump);
}

static void a_vlan_changes_hands(void **state)
{
	struct bench *b = *state;
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = "",
				 .name = "eth0.5"};
	struct model_master *m;

	r.u.link = (struct twin_link_request){
		.sent = TWIN_LINK_VLAN_ID, .kind = "vlan", .lower = "eth0", .vlan_id = 5};
	must(sim_request(b->dp, &r));
	m = want_master(b, "eth0.5", MODEL_MODE_L2);
	m->vlan_link = "eth0";
	m->vlan_id = 6;
	m->adopts = true;
	expect_steps(b, "");
	expect_verdict(b, NULL, NULL, "eth0.5", PLAN_CONFLICT,
		       "eth0.5 cannot be taken over: it is VLAN 5 of eth0, not VLAN 6 of "
		       "eth0");
	m->vlan_id = 5;
	expect_steps(b, "~ adopt VLAN eth0.5: it will be deleted with its row\n"
			"~ set eth0.5 up\n");
	bench_converge(b);
	m->adopts = false;
	m->intent = MODEL_RELEASED;
	expect_steps(b, "~ release VLAN eth0.5\n");
	bench_converge(b);
	m->intent = MODEL_GONE;
	expect_steps(b, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adopts_in_place),
		TEST(adopts_before_it_repairs),
		TEST(changes_a_route_in_place),
		TEST(leaves_the_route_of_another_device),
		TEST(refuses_each_for_its_reason),
		TEST(adopts_only_what_was_planned),
		TEST(releases_in_place),
		TEST(gives_its_resolv_conf_up),
		TEST(a_vlan_changes_hands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
