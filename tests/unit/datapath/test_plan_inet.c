/* The rules of a plan for routes, policy rules and sysctls. */
#include "build.h"

#include "datapath/plan/plan_failure.h"

static void leaves_foreign_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	struct model_route theirs = route("default via 10.0.0.7"),
			   other = route("10.6.0.0/16");

	bench_converge(b);
	must(sim_add_route(b->dp, "ns1", "a", &theirs, true));
	must(sim_add_route(b->dp, "ns1", "a", &other, true));
	expect_steps(b, "");
	want_route(b, s, "default via 10.0.0.1");
	want_route(b, s, "10.9.0.0/16");
	expect_steps(b, "+ add route 10.9.0.0/16 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "ns1 already has a route \"default via 10.0.0.7\" that ipvl did "
		       "not make: remove it with `ip -n ns1 route del default via "
		       "10.0.0.7`, and ours takes its place");
	bench_converge(b);
	must(sim_del_route(b->dp, "ns1", "a", &theirs));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
}

static void changes_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->n_routes = 0;
	want_route(b, s, "default via 10.0.0.9");
	want_route(b, s, "2001:db8:1::/48");
	want_route(b, s, "default via 10.9.0.1 metric 5");
	want_route(b, s, "10.9.0.0/24");
	expect_steps(b, "- delete route default via 10.0.0.1 from ns1/a: becomes default "
			"via 10.0.0.9 (disruptive)\n"
			"+ add route 10.9.0.0/24 to ns1/a\n"
			"+ add route 2001:db8:1::/48 to ns1/a\n"
			"+ add route default via 10.0.0.9 to ns1/a\n"
			"+ add route default via 10.9.0.1 metric 5 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 3)->after, 0);
	/* The way to a gateway comes before the route that needs it. */
	assert_int_equal(plan_step_of(b, 4)->after, 1);
	/* IPv6 shows metric 1024 where none was given. */
	bench_converge(b);
	s->n_routes = 0;
	bench_converge(b);
}

/* What does not depend on each other stands together, however many slaves there are. */
static void batches_routes(void **state)
{
	struct bench *b = *state;
	struct model_slave *s;

	for (unsigned int i = 0; i < 3; i++) {
		struct model_master *m = i ? &b->want.masters[0] : eth0(b);

		s = want_slave(b, m, arena_printf(b->arena, "ns%u", i), "a",
			       arena_printf(b->arena, "10.0.0.%u/24", i + 2));
		want_route(b, s, "10.9.0.0/24");
		want_route(b, s, "default via 10.9.0.1");
	}
	bench_plan(b);
	for (uint32_t i = 0; i < 6; i++) {
		const struct plan_step *add =
			plan_step_of(b, (uint32_t)b->plan->n_steps - 6 + i);

		assert_int_equal(add->op, PLAN_OP_ROUTE_ADD);
		assert_int_equal(!add->u.route.via.family, i < 3);
	}
	bench_converge(b);
}

static void sets_sysctls_before_up(void **state)
{
	struct bench *b = *state;
	struct model_sysctl wanted[] = {{"ipv4.arp_notify", "1"},
					{"ipv6.accept_ra", "2"}};
	struct model_slave *s = want_slave(b, eth0(b), "", "a", "");

	s->sysctls = wanted;
	s->n_sysctls = 2;
	expect_steps(b, "+ add slave a on eth0 (l2 bridge)\n"
			"~ set sysctl ipv4.arp_notify of a to 1\n"
			"~ set sysctl ipv6.accept_ra of a to 2\n"
			"~ set a up\n");
	assert_int_equal(plan_step_of(b, 2)->after, 1);
	assert_int_equal(plan_step_of(b, 3)->after, 2);
	bench_converge(b);
	wanted[1].value = "0";
	expect_steps(b, "~ set sysctl ipv6.accept_ra of a: 2 -> 0\n");
	bench_converge(b);
}

/* kernel.md 26: IPv6 is never turned on where the MTU is too small for it. */
static void does_not_write_what_hangs(void **state)
{
	static const struct {
		struct model_sysctl sysctl;
		uint32_t mtu;
		bool hangs;
	} cases[] = {
		{{"ipv6.disable_ipv6", "0"}, 1279, true},
		{{"ipv6.disable_ipv6", "0"}, 1280, false},
		{{"ipv6.disable_ipv6", "0x0"}, 68, true},
		{{"ipv6.disable_ipv6", "1"}, 1279, false},
		{{"ipv6.accept_ra", "0"}, 1279, false},
	};
	struct bench *b = *state;
	struct model_sysctl wanted = {"ipv6.disable_ipv6", "1"};
	struct model_slave *s = want_slave(b, eth0(b), "", "a", "10.0.0.2/24");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err *e = plan_failure_hang(&cases[i].sysctl, cases[i].mtu);

		assert_int_equal(e != NULL, cases[i].hangs);
		err_free(e);
	}
	s->sysctls = &wanted;
	s->n_sysctls = 1;
	bench_converge(b);
	wanted.value = "0";
	expect_steps(b, "~ set sysctl ipv6.disable_ipv6 of a: 1 -> 0\n");
	/* After the plan, and through its master, so that it keeps its IPv6. */
	must(sim_set_link(b->dp, "", "eth0", true, 1279));
	bench_apply(b);
	assert_int_equal(b->results[0].kind, PLAN_FAILED);
	assert_string_equal(err_find_hint(b->results[0].error),
			    "set an mtu of 1280 or more first");
}

/* Nothing of IPv6 is added where the kernel would refuse it (R34). */
static void waits_for_an_mtu_that_ipv6_can_have(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_link(b->dp, "", "eth0", true, 1200));
	must(sim_del_addr(b->dp, "ns1", "a", "2001:db8::2/64"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WAITING,
		       "waiting for eth0 to have an mtu of 1280 or more, without which "
		       "there is no IPv6: it has 1200; `ipvl-ctl set-master eth0 "
		       "mtu=1500` sets it");
	must(sim_set_link(b->dp, "", "eth0", true, 1280));
	expect_steps(b, "+ add address 2001:db8::2/64 to ns1/a\n");
	bench_converge(b);
	b->want.masters[0].slaves[0].mtu = 1200;
	bench_plan(b);
	assert_int_equal(verdict(b, "ns1", "a", "eth0")->kind, PLAN_ERROR);
}

/* The gateway is in the subnet of the address that is missing, and a route leads to it
 * without it. */
static void a_way_round_a_missing_address(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24");

	want_route(b, s, "10.0.0.1/32");
	want_route(b, s, "default via 10.0.0.1");
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add route 10.0.0.1/32 to ns1/a\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	bench_converge(b);
}

/* They come after the routes of their table, and go before them. */
static void orders_rules(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	struct model_rule rules[2] = {{.priority = 5, .table = 100}};
	struct model_route r = route("default via 10.0.0.1");

	must(ip_prefix_parse("10.0.0.2/32", &rules[0].from));
	rules[0].to.addr.family = rules[0].from.addr.family;
	rules[1] = rules[0];
	rules[1].priority = 6;
	r.table = 100;
	s->rules = rules;
	s->n_rules = 2;
	s->routes = &r;
	s->n_routes = 1;
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.0.0.2/24 to ns1/a\n"
			"+ add route default via 10.0.0.1 table 100 to ns1/a\n"
			"+ add rule from 10.0.0.2 table 100 priority 5 to ns1/a\n"
			"+ add rule from 10.0.0.2 table 100 priority 6 to ns1/a\n");
	bench_converge(b);
	r.table = rules[0].table = 101;
	s->n_rules = 1;
	expect_steps(b,
		     "- delete rule from 10.0.0.2 table 100 priority 5 from ns1/a: "
		     "becomes from 10.0.0.2 table 101 priority 5 (disruptive)\n"
		     "- delete rule from 10.0.0.2 table 100 priority 6 from ns1/a: "
		     "is not declared (disruptive)\n"
		     "- delete route default via 10.0.0.1 table 100 from ns1/a: is not "
		     "declared (disruptive)\n"
		     "+ add route default via 10.0.0.1 table 101 to ns1/a\n"
		     "+ add rule from 10.0.0.2 table 101 priority 5 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 4)->after, 0);
	bench_converge(b);
	s->n_rules = 0;
	expect_steps(b, "- delete rule from 10.0.0.2 table 101 priority 5 from ns1/a: "
			"is not declared (disruptive)\n");
	bench_converge(b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_way_round_a_missing_address),
		TEST(leaves_foreign_routes),
		TEST(changes_routes),
		TEST(orders_rules),
		TEST(batches_routes),
		TEST(sets_sysctls_before_up),
		TEST(does_not_write_what_hangs),
		TEST(waits_for_an_mtu_that_ipv6_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
