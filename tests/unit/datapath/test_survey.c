/* What `ipvl-ctl import` writes of a slave that another program made, on the simulator;
 * tests/kernel/test_import.py does the same of a real kernel. */
#include "build.h"

#include "datapath/sim/twin/twin_state.h"

#include <string.h>

static int setup(void **state)
{
	struct bench *b;

	if (bench_setup(state))
		return -1;
	b = *state;
	must(sim_add_netns(b->dp, "a"));
	for (const char *name = "s\0t\0"; *name; name += 2) {
		must(sim_add_link(b->dp, "a", name, "ipvlan", "eth0", MODEL_MODE_L2,
				  MODEL_FLAG_BRIDGE));
		must(sim_set_link(b->dp, "a", name, true, 0));
	}
	must(sim_add_addr(b->dp, "a", "s", "10.0.0.2/24"));
	return 0;
}

/* `ip route add TEXT` by the program of this protocol. */
static void add_route(struct bench *b, const char *text, uint8_t protocol, uint8_t type)
{
	struct twin_request r = {.kind = TWIN_ROUTE_NEW,
				 .netns = "a",
				 .name = type ? NULL : "s",
				 .flags = TWIN_CREATE | TWIN_EXCL};

	r.u.route = (struct twin_route_request){
		.route = route(text), .protocol = protocol, .type = type};
	must(sim_request(b->dp, &r));
}

static const struct model_slave *survey(struct bench *b, const char *name)
{
	struct model scope = {0}, *have;

	must(datapath_survey(b->dp, &scope, DATAPATH_FOR_FILE, b->arena, &have));
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			if (!strcmp(m->slaves[k].name, name))
				return &m->slaves[k];
		}
	}
	fail_msg("no slave %s", name);
	return NULL;
}

/* Its addresses and routes, one a line, those that no row can have with the reason. */
static void expect(struct bench *b, const char *name, const char *expected)
{
	const struct model_slave *s = survey(b, name);
	char address[IP_TEXT_BYTES];
	const char *text = "";

	for (size_t i = 0; i < s->n_addresses; i++)
		text = arena_printf(b->arena, "%s%s\n", text,
				    ip_prefix_format(&s->addresses[i], address));
	for (size_t i = 0; i < s->n_routes; i++)
		text = arena_printf(b->arena, "%s%s\n", text,
				    model_route_text(b->arena, &s->routes[i]));
	for (size_t i = 0; i < s->seen.n_odd_routes; i++)
		text = arena_printf(b->arena, "%s%s: %s\n", text,
				    s->seen.odd_routes[i].text,
				    s->seen.odd_routes[i].why);
	assert_string_equal(text, expected);
}

static void without_what_the_kernel_adds(void **state)
{
	struct bench *b = *state;

	/* No 10.0.0.0/24, and nothing of table local. */
	expect(b, "s", "10.0.0.2/24\n");
	expect(b, "t", "");
}

static void routes_of_programs_that_keep_none(void **state)
{
	struct bench *b = *state;

	add_route(b, "default via 10.0.0.1", TWIN_PROTO_BOOT, 0);
	add_route(b, "192.168.7.0/24 via 10.0.0.1", TWIN_PROTO_STATIC, 0);
	add_route(b, "192.168.8.0/24 via 10.0.0.1", 186, 0);
	expect(b, "s",
	       "10.0.0.2/24\ndefault via 10.0.0.1\n192.168.7.0/24 via 10.0.0.1\n"
	       "192.168.8.0/24 via 10.0.0.1: its protocol is 186, whose program keeps "
	       "it\n");
	assert_true(survey(b, "s")->routes[0].seen_foreign);
}

static void a_route_without_a_device_has_one_slave(void **state)
{
	struct bench *b = *state;

	add_route(b, "192.168.9.0/24", TWIN_PROTO_BOOT, TWIN_ROUTE_BLACKHOLE);
	expect(b, "s", "10.0.0.2/24\nblackhole 192.168.9.0/24\n");
	expect(b, "t", "");
}

/* One of ours, which the slaves of another program stand before. */
static void our_own_has_one_of_ours(void **state)
{
	struct bench *b = *state;
	struct model_slave *s;

	s = want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "a", "u", "10.0.0.3/24");
	want_route(b, s, "192.168.9.0/24");
	s->routes[0].type = MODEL_ROUTE_UNREACHABLE;
	bench_converge(b);
	expect(b, "u", "10.0.0.3/24\nunreachable 192.168.9.0/24\n");
	expect(b, "s", "10.0.0.2/24\n");
}

/* Where the kernel has made a link-local address, the setting is that of a new device. */
static void a_device_without_a_link_local_address(void **state)
{
	struct bench *b = *state;
	const struct model_slave *s;

	must(sim_set_sysctl(b->dp, "a", "t", "ipv6.addr_gen_mode", "1"));
	s = survey(b, "t");
	assert_int_equal(s->n_sysctls, 1);
	assert_string_equal(s->sysctls[0].key, "ipv6.addr_gen_mode");
	assert_string_equal(s->sysctls[0].value, "1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_what_the_kernel_adds),
		TEST(routes_of_programs_that_keep_none),
		TEST(a_route_without_a_device_has_one_slave),
		TEST(a_device_without_a_link_local_address),
		TEST(our_own_has_one_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
