/* The rules of a plan for addresses. */
#include "build.h"

static void moves_an_address(void **state)
{
	struct bench *b = *state;
	const struct plan_step *add;

	want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "10.0.0.3/24");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.3/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "10.0.0.2/24");
	bench_plan(b);
	add = find_step(b, PLAN_OP_ADDR_ADD, "ns1", "a");
	assert_ptr_equal(plan_step_of(b, add->after),
			 find_step(b, PLAN_OP_ADDR_DEL, "ns2", "b"));
	assert_non_null(plan_step_of(b, add->after)->loss);
	bench_converge(b);
	/* From one that goes altogether. */
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.2/24");
	want_slave(b, &b->want.masters[0], "ns2", "b", "")->intent = MODEL_GONE;
	bench_plan(b);
	add = find_step(b, PLAN_OP_ADDR_ADD, "ns1", "a");
	assert_ptr_equal(plan_step_of(b, add->after),
			 find_step(b, PLAN_OP_LINK_DEL, "ns2", "b"));
	bench_converge(b);
}

static void changes_a_prefix_length(void **state)
{
	struct bench *b = *state;

	settled(b);
	b->want.masters[0].n_slaves = 0;
	want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.2/16 2001:db8::2/48");
	expect_steps(
		b,
		"- delete route default via 10.0.0.1 from ns1/a: is not declared "
		"(disruptive)\n"
		"- delete address 10.0.0.2/24 from ns1/a: is not declared (disruptive)\n"
		"- delete address 2001:db8::2/64 from ns1/a: is not declared "
		"(disruptive)\n"
		"+ add address 10.0.0.2/16 to ns1/a\n"
		"+ add address 2001:db8::2/48 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 3)->after, 1);
	assert_int_equal(plan_step_of(b, 4)->after, 2);
	bench_converge(b);
}

/* kernel.md 8: a primary address takes those of its subnet along, the last IPv4 one every
 * route. */
static void adds_again_what_goes_along(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 10.0.0.3/24");

	want_route(b, s, "default via 10.0.0.1");
	bench_converge(b);
	b->want.masters[0].n_slaves = 0;
	s = want_slave(b, &b->want.masters[0], "ns1", "a", "10.0.0.3/24");
	want_route(b, s, "default via 10.0.0.1");
	expect_steps(
		b,
		"- delete address 10.0.0.2/24 from ns1/a: is not declared (disruptive)\n"
		"+ add address 10.0.0.3/24 to ns1/a: may go with 10.0.0.2/24\n"
		"+ add route default via 10.0.0.1 to ns1/a: goes with the last "
		"address\n");
	bench_converge(b);
}

static void leaves_external_addresses(void **state)
{
	struct bench *b = *state;

	want_route(b, want_slave(b, eth0(b), "ns1", "a", NULL), "10.9.0.0/16");
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.77/24"));
	must(sim_del_route(b->dp, "ns1", "a", &b->want.masters[0].slaves[0].routes[0]));
	expect_steps(b, "+ add route 10.9.0.0/16 to ns1/a\n");
	bench_converge(b);
	b->want.masters[0].slaves[0].addresses_managed = true;
	expect_steps(
		b,
		"- delete address 10.0.0.77/24 from ns1/a: is not declared (disruptive)\n"
		"+ add route 10.9.0.0/16 to ns1/a: goes with the last address\n");
	bench_converge(b);
}

static void note(struct bench *b, const char *address, unsigned int notes,
		 const char *peer)
{
	must(sim_note_addr(b->dp, "ns1", "a", address, notes, peer));
}

/* What somebody did to an address of ours, or to what the kernel made for it. */
static void mends_addresses(void **state)
{
	static const struct {
		unsigned int note;
		const char *text;
	} cases[] = {
		{MODEL_ADDRESS_NO_SUBNET, "has lost the route to its subnet"},
		{MODEL_ADDRESS_NO_LOCAL, "is not in the local table"},
		{MODEL_ADDRESS_METRIC, "has a metric"},
	};
	struct bench *b = *state;

	settled(b);
	/* No row declares a lifetime, so what another program sets stays. */
	note(b, "10.0.0.2/24", MODEL_ADDRESS_LIFETIME, "");
	expect_steps(b, "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		note(b, "10.0.0.2/24", cases[i].note, "");
		expect_steps(b,
			     arena_printf(b->arena,
					  "~ restore address 10.0.0.2/24 of ns1/a: %s\n",
					  cases[i].text));
		assert_null(plan_step_of(b, 0)->loss);
		bench_converge(b);
	}
}

/* Without the route to the subnet the gateway cannot be reached: it comes first. */
static void mends_the_way_to_a_gateway(void **state)
{
	struct bench *b = *state;
	struct model_route gone = route("default via 10.0.0.1");

	settled(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_NO_SUBNET, "");
	must(sim_del_route(b->dp, "ns1", "a", &gone));
	expect_steps(b, "~ restore address 10.0.0.2/24 of ns1/a: has lost the route to "
			"its subnet\n"
			"+ add route default via 10.0.0.1 to ns1/a\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	bench_converge(b);
}

/* What adding it again does not change: it goes and comes. */
static void remakes_spoilt_addresses(void **state)
{
	struct bench *b = *state;

	settled(b);
	note(b, "2001:db8::2/64", MODEL_ADDRESS_PEER, "2001:db8:7::7");
	expect_steps(b, "- delete address 2001:db8::2/64 from ns1/a: has the peer "
			"2001:db8:7::7 (disruptive)\n"
			"+ add address 2001:db8::2/64 to ns1/a: is made again\n");
	assert_int_equal(plan_step_of(b, 1)->after, 0);
	bench_converge(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_SCOPE, "");
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_ADDR_DEL), 1);
	bench_converge(b);
	note(b, "2001:db8::2/64", MODEL_ADDRESS_NO_LOCAL, "");
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_ADDR_DEL, NULL, NULL)->why,
			    "is not in the local table");
	bench_converge(b);
}

/* A stranger's route is not ours to remove, and ours behind it would not be used. */
static void a_detour_is_a_conflict(void **state)
{
	struct bench *b = *state;

	settled(b);
	note(b, "10.0.0.2/24", MODEL_ADDRESS_DETOUR, "");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "a route to 10.0.0.0/24 through a gateway, which ipvl did not "
		       "make, is in place of that to the subnet of 10.0.0.2/24 in ns1: "
		       "`ip route show 10.0.0.0/24` shows it; remove it");
}

/* Another program's mark makes an address its own; a peer does not. */
static void leaves_marked_addresses(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.100/32"));
	note(b, "10.0.0.100/32", MODEL_ADDRESS_OTHERS, "");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	must(sim_add_addr(b->dp, "ns1", "a", "10.7.7.1/32"));
	note(b, "10.7.7.1/32", MODEL_ADDRESS_PEER, "10.8.8.8");
	expect_steps(b, "- delete address 10.7.7.1/32 from ns1/a: is not declared "
			"(disruptive)\n");
	bench_converge(b);
	/* The mark is no harm on an address that a row declares. */
	note(b, "10.0.0.2/24", MODEL_ADDRESS_OTHERS, "");
	expect_steps(b, "");
}

/* The kernel asks once, when an address is added: so it is added again (R27). */
static void tries_duplicates_again(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_set_dad_failed(b->dp, "ns1", "a", "2001:db8::2"));
	expect_steps(b, "- delete address 2001:db8::2/64 from ns1/a: is a duplicate\n"
			"+ add address 2001:db8::2/64 to ns1/a: is made again\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_ERROR,
		       "another host on the network already uses 2001:db8::2 (duplicate "
		       "address detection): "
		       "choose another address, or stop that host");
	bench_apply(b);
	bench_plan(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_ERROR,
		       "another host on the network already uses 2001:db8::2 (duplicate "
		       "address detection): "
		       "choose another address, or stop that host");
	must(sim_set_dad_failed(b->dp, "ns1", "a", ""));
	bench_converge(b);
}

/* O22: the kernel would take it (kernel.md 9), and both would answer. */
static void an_address_of_the_master(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24 10.1.0.5/24");
	static const char held[] =
		"eth0 already has 10.0.0.5, and packets for an address on both may reach "
		"either: remove it from the master (`ip addr del 10.0.0.5/16 dev eth0`), "
		"and the slave gets it; or choose another";

	want_route(b, s, "default via 10.0.0.1");
	want_route(b, s, "10.9.0.0/16 via 10.1.0.1");
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.1.0.5/24 to ns1/a\n"
			"+ add route 10.9.0.0/16 via 10.1.0.1 to ns1/a\n");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT, held);
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT, held);
	must(sim_del_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0", "");
}

/* The kernel would refuse it (kernel.md 9). */
static void an_address_of_a_stranger(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24 10.1.0.5/24");

	want_route(b, s, "default via 10.0.0.1");
	must(sim_add_netns(b->dp, "old"));
	must(sim_add_link(b->dp, "old", "w0", "ipvlan", "eth0", MODEL_MODE_L2, 0));
	must(sim_add_addr(b->dp, "old", "w0", "10.0.0.5/16"));
	must(sim_add_addr(b->dp, "old", "w0", "10.2.0.5/16"));
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add address 10.1.0.5/24 to ns1/a\n");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"10.0.0.5/16 is in use by w0 in namespace old, an ipvlan that ipvl did "
		"not make: remove it there (`ip -n old addr del 10.0.0.5/16 dev w0`), "
		"and "
		"the slave gets it; or choose another");
	/* Only what a slave lacks counts. */
	assert_int_equal(b->have->masters[0].seen.n_held, 1);
	bench_converge(b);
	must(sim_del_addr(b->dp, "old", "w0", "10.0.0.5/16"));
	bench_converge(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	assert_int_equal(b->have->masters[0].seen.n_held, 0);
}

/* The slave had it first: it keeps it. */
static void an_address_given_to_the_master_later(void **state)
{
	struct bench *b = *state;

	settled(b);
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.2/24"));
	must(sim_add_addr(b->dp, "", "eth0", "2001:db8::7/64"));
	bench_is_settled(b);
	expect_verdict(b, "ns1", "a", "eth0", PLAN_READY, "");
	expect_warnings(b, "ns1", "a", "eth0",
			"10.0.0.2 is on eth0 too, and its packets may reach either: "
			"remove it from the master (`ip addr del 10.0.0.2/24 dev eth0`), "
			"or choose another\n");
	must(sim_del_addr(b->dp, "", "eth0", "10.0.0.2/24"));
	bench_is_settled(b);
	expect_warnings(b, "ns1", "a", "eth0", "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_of_the_master),
		TEST(an_address_of_a_stranger),
		TEST(an_address_given_to_the_master_later),
		TEST(moves_an_address),
		TEST(changes_a_prefix_length),
		TEST(adds_again_what_goes_along),
		TEST(leaves_external_addresses),
		TEST(mends_addresses),
		TEST(mends_the_way_to_a_gateway),
		TEST(remakes_spoilt_addresses),
		TEST(a_detour_is_a_conflict),
		TEST(leaves_marked_addresses),
		TEST(tries_duplicates_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
