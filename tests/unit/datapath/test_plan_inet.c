/* The rules of a plan for addresses, routes, nameservers and sysctls. */
#include "build.h"

#include "datapath/plan/plan_failure.h"

#include <errno.h>
#include <string.h>

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

static void writes_resolv_conf(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a", "");

	s->nameservers = "10.3.3.3";
	s = want_slave(b, &b->want.masters[0], "ns1", "b", "");
	s->nameservers = "10.3.3.4 10.3.3.3";
	s->search = "a.net";
	expect_steps(b, "+ add namespace ns1\n"
			"+ add slave ns1/a on eth0 (l2 bridge)\n"
			"+ add slave ns1/b on eth0 (l2 bridge)\n"
			"+ add /etc/netns/ns1/resolv.conf\n");
	bench_converge(b);
	s->search = "b.net";
	expect_steps(b, "~ rewrite /etc/netns/ns1/resolv.conf\n");
	s->search = "a.net";
	assert_string_equal(seen(b, "eth0", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.3\nnameserver "
			    "10.3.3.4\nsearch a.net\n");
	sim_set_resolv_conf(b->dp, "ns1", "theirs");
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_CONFLICT,
		       "/etc/netns/ns1/resolv.conf was not written by ipvl: remove it, "
		       "or leave out "
		       "`nameservers`");
	sim_set_resolv_conf(b->dp, "ns1", "");
	bench_converge(b);
	b->want.masters[0].slaves[0].intent = b->want.masters[0].slaves[1].intent =
		MODEL_GONE;
	expect_steps(b, "- delete slave ns1/a: no longer wanted (disruptive)\n"
			"- delete slave ns1/b: no longer wanted (disruptive)\n"
			"- delete /etc/netns/ns1/resolv.conf\n");
	assert_string_equal(find_step(b, PLAN_OP_RESOLV_SET, NULL, NULL)->u.resolv_conf,
			    "");
	bench_converge(b);
}

/* In the order of the devices' names, whatever masters they are on. */
static void merges_nameservers_by_name(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "b", "")->nameservers = "10.3.3.2";
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns1", "a", "")
		->nameservers = "10.3.3.1";
	bench_converge(b);
	assert_string_equal(seen(b, "eth1", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.1\nnameserver "
			    "10.3.3.2\n");
}

/* Rows with two texts of one namespace have a file each, in whatever order they are. */
static void merges_nameservers_by_text(void **state)
{
	struct bench *b = *state;
	struct model_master *m = eth0(b);

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_alias_netns(b->dp, "ns1", "other"));
	want_netns(b, "ns1")->is_wanted = true;
	want_netns(b, "other")->is_wanted = true;
	want_slave(b, m, "ns1", "a", "")->nameservers = "10.3.3.1";
	want_slave(b, m, "other", "b", "")->nameservers = "10.3.3.2";
	want_slave(b, m, "ns1", "c", "")->nameservers = "10.3.3.3";
	bench_plan(b);
	assert_int_equal(count_steps(b, PLAN_OP_RESOLV_SET), 2);
	bench_converge(b);
	assert_string_equal(seen(b, "eth0", "ns1", "a")->seen.resolv_conf,
			    "# written by ipvl\nnameserver 10.3.3.1\nnameserver "
			    "10.3.3.3\n");
}

/* A row that is in conflict already, though its device is there, keeps its message. */
static void a_foreign_resolv_conf_comes_second(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "ns1"));
	must(sim_add_addr(b->dp, "", "eth0", "10.0.0.5/16"));
	sim_set_resolv_conf(b->dp, "ns1", "theirs");
	want_slave(b, eth0(b), "ns1", "a", "10.0.0.5/24")->nameservers = "10.3.3.3";
	want_slave(b, &b->want.masters[0], "ns1", "b", "")->nameservers = "10.3.3.3";
	bench_plan(b);
	expect_verdict(b, "ns1", "b", "eth0", PLAN_CONFLICT,
		       "/etc/netns/ns1/resolv.conf was not written by ipvl: remove it, "
		       "or leave out `nameservers`");
	expect_verdict(
		b, "ns1", "a", "eth0", PLAN_CONFLICT,
		"eth0 already has 10.0.0.5, and packets for an address on both "
		"may reach either: remove it from the master (`ip addr del "
		"10.0.0.5/16 dev eth0`), and the slave gets it; or choose another");
}

/* The namespace's programs may do without the slave, and not without names. */
static void keeps_resolv_conf_of_what_waits(void **state)
{
	struct bench *b = *state;

	want_slave(b, eth0(b), "ns1", "a", "")->nameservers = "10.3.3.1";
	want_slave(b, want_master(b, "eth1", MODEL_MODE_L2), "ns1", "b", "");
	bench_converge(b);
	must(sim_del_link(b->dp, "", "eth0"));
	expect_steps(b, "");
	expect_verdict(b, "ns1", "a", "eth0", PLAN_WAITING, "waiting for eth0 to appear");
	/* Others of the namespace, which set none, change nothing. */
	b->want.masters[0].slaves[0].search = "a.net";
	expect_steps(b, "");
	b->want.masters[0].slaves[0].search = "";
	b->want.masters[0].slaves[0].nameservers = "";
	expect_steps(b, "- delete /etc/netns/ns1/resolv.conf\n");
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
		{MODEL_ADDRESS_LIFETIME, "has a lifetime"},
		{MODEL_ADDRESS_METRIC, "has a metric"},
	};
	struct bench *b = *state;

	settled(b);
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

/* ipvl's own validator refuses such a row; a foreign server does not (O2). */
static void nameservers_without_a_file(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "", "a", "10.0.0.2/24");

	s->nameservers = "10.0.0.53";
	bench_converge(b);
	expect_verdict(b, "", "a", "eth0", PLAN_READY, "");
	expect_warnings(
		b, "", "a", "eth0",
		"its nameservers have no effect: they are written to "
		"/etc/netns/NAME/resolv.conf, and the namespace of this host has no "
		"name: leave them out, or put the slave into a namespace with a name\n");
	s = want_slave(b, &b->want.masters[0], "ns1", "b", "10.0.0.3/24");
	s->nameservers = "10.0.0.53";
	bench_converge(b);
	expect_warnings(b, "ns1", "b", "eth0", "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_of_the_master),
		TEST(an_address_of_a_stranger),
		TEST(an_address_given_to_the_master_later),
		TEST(a_way_round_a_missing_address),
		TEST(nameservers_without_a_file),
		TEST(moves_an_address),
		TEST(changes_a_prefix_length),
		TEST(adds_again_what_goes_along),
		TEST(leaves_external_addresses),
		TEST(leaves_foreign_routes),
		TEST(changes_routes),
		TEST(orders_rules),
		TEST(batches_routes),
		TEST(writes_resolv_conf),
		TEST(merges_nameservers_by_name),
		TEST(merges_nameservers_by_text),
		TEST(a_foreign_resolv_conf_comes_second),
		TEST(keeps_resolv_conf_of_what_waits),
		TEST(sets_sysctls_before_up),
		TEST(does_not_write_what_hangs),
		TEST(mends_addresses),
		TEST(mends_the_way_to_a_gateway),
		TEST(remakes_spoilt_addresses),
		TEST(a_detour_is_a_conflict),
		TEST(leaves_marked_addresses),
		TEST(tries_duplicates_again),
		TEST(waits_for_an_mtu_that_ipv6_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
