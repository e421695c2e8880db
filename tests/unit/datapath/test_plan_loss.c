/* What each step takes away from those who use the slaves, in words. */
#include "build.h"

#include <string.h>

/* The loss of the first step that has one; "" if all are hitless. */
static void expect_loss(struct bench *b, const char *loss)
{
	const char *found = NULL;

	bench_plan(b);
	for (size_t i = 0; i < b->plan->n_steps && !found; i++)
		found = b->plan->steps[i].loss;
	assert_string_equal(found ? found : "", loss);
	bench_converge(b);
}

/* What of the port is lost depends on what was possible before. */
static void losses_of_ports(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	settled(b);
	m = &b->want.masters[0];
	m->flag = MODEL_FLAG_PRIVATE;
	expect_loss(b, ""); /* there is one slave */
	m->flag = MODEL_FLAG_BRIDGE;
	want_slave(b, m, "ns2", "b", "10.0.0.3/24");
	expect_loss(b, "");
	m->flag = MODEL_FLAG_VEPA;
	expect_loss(b, "its slaves reach each other through the switch only");
	m->flag = MODEL_FLAG_PRIVATE;
	expect_loss(b, "its slaves no longer reach each other");
	m->flag = MODEL_FLAG_VEPA;
	expect_loss(b, "");
	m->flag = MODEL_FLAG_BRIDGE;
	expect_loss(b, "");
	m->flag = MODEL_FLAG_PRIVATE;
	m->mode = MODEL_MODE_L3;
	expect_loss(b, "ARP and broadcast stop, so the outside needs a route to its "
		       "slaves; its slaves no longer reach each other");
	m->flag = MODEL_FLAG_BRIDGE;
	m->mode = MODEL_MODE_L2;
	expect_loss(b, "");
	m->mode = MODEL_MODE_L3;
	expect_loss(b, "ARP and broadcast stop, so the outside needs a route to its "
		       "slaves");
	m->mode = MODEL_MODE_L3S;
	expect_loss(b, "");
	m->mode = MODEL_MODE_L2;
	expect_loss(b, "");
	must(sim_set_link(b->dp, "ns2", "b", false, 0));
	m->slaves[1].intent = MODEL_GONE;
	expect_loss(b, ""); /* it was down */
}

static void losses_of_slaves(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	s->mtu = 1400;
	expect_loss(b, "");
	s->addresses[0].len = 16;
	expect_loss(b, "10.0.0.2 goes away for a moment");
	s->routes[0].via.bytes[3] = 9;
	expect_loss(b, "no default route for a moment");
	s->n_routes = 0;
	expect_loss(b, "its default route goes away");
	s->n_addresses = 1;
	expect_loss(b, "2001:db8::2 goes away");
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2 goes away");
}

static void losses_of_many_addresses(void **state)
{
	struct bench *b = *state;
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/8 10.0.0.3/8 10.0.0.4/8");

	bench_converge(b);
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2, 10.0.0.3, 10.0.0.4 go away");
	s->intent = MODEL_PRESENT;
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "a", "10.0.0.5/8"));
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2, 10.0.0.3, 10.0.0.4 and 1 more go away");
}

static void losses_of_sysctls(void **state)
{
	struct bench *b = *state;
	struct model_sysctl wanted = {"ipv6.accept_ra", "0"};
	struct model_slave *s = settled(b);

	s->sysctls = &wanted;
	s->n_sysctls = 1;
	expect_loss(b, "");
	s->n_addresses = 1;
	bench_converge(b);
	wanted = (struct model_sysctl){"ipv6.disable_ipv6", "1"};
	expect_loss(b, ""); /* nothing of IPv6 is on it but its own link-local address */
	wanted.value = "0";
	expect_loss(b, "");
	want_slave(b, &b->want.masters[0], "ns1", "x", NULL)->sysctls = &wanted;
	b->want.masters[0].slaves[1].n_sysctls = 1;
	bench_converge(b);
	must(sim_add_addr(b->dp, "ns1", "x", "2001:db8::9/64"));
	wanted.value = "1";
	expect_loss(b, "its IPv6 stops");
}

static void losses_of_mtus(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = settled(b);

	b->want.masters[0].mtu = 1400;
	expect_loss(b, "");
	s->n_addresses = 1;
	s->mtu = 1200;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_LINK_SET, "ns1", "a")->loss,
			    "its IPv6 stops");
}

/* A device without a kind is hardware. */
static void losses_of_master_mtus(void **state)
{
	struct bench *b = *state;
	struct model_master *m;

	settled(b);
	m = &b->want.masters[0];
	m->mtu = 1200;
	bench_plan(b);
	assert_string_equal(find_step(b, PLAN_OP_MASTER_SET, NULL, NULL)->loss,
			    "IPv6 of its slaves stops");
	m->slaves[0].n_addresses = 1;
	bench_converge(b);
	m->mtu = 1400;
	bench_plan(b);
	((struct model_master *)b->have->masters)->seen.kind = "";
	plan_build(&b->want, b->have, b->arena, &b->plan);
	assert_string_equal(find_step(b, PLAN_OP_MASTER_SET, NULL, NULL)->loss,
			    "the driver may restart the link");
	/* Nothing passes through one that is down. */
	((struct model_master *)b->have->masters)->seen.is_up = false;
	plan_build(&b->want, b->have, b->arena, &b->plan);
	assert_null(find_step(b, PLAN_OP_MASTER_SET, NULL, NULL)->loss);
}

/* A link-local address is nobody's to reach. */
static void losses_of_link_local_addresses(void **state)
{
	struct bench *b = *state;
	struct model_slave *s = want_slave(b, eth0(b), "ns1", "a",
					   "10.0.0.2/8 fe80::5/64 2001:db8::2/64");

	bench_converge(b);
	s->intent = MODEL_DISABLED;
	expect_loss(b, "10.0.0.2, 2001:db8::2 go away");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(losses_of_ports),
		TEST(losses_of_slaves),
		TEST(losses_of_mtus),
		TEST(losses_of_many_addresses),
		TEST(losses_of_sysctls),
		TEST(losses_of_master_mtus),
		TEST(losses_of_link_local_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
