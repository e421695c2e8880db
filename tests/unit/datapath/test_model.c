/* Models: order, look-up, names, texts. */
#include "build.h"

#include <string.h>
#include <sys/socket.h>

static void sorts_and_finds(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth1", MODEL_MODE_L2);

	want_slave(b, m, "ns2", "a", "10.0.0.9/24 10.0.0.2/24 2001:db8::1/64 9.0.0.1/8");
	want_slave(b, m, "ns1", "b", "");
	want_slave(b, m, "", "z", "");
	want_master(b, "eth0", MODEL_MODE_L2);
	want_netns(b, "ns2");
	want_netns(b, "ns1");
	assert_false(model_is_sorted(&b->want));
	model_sort(&b->want);
	assert_true(model_is_sorted(&b->want));
	assert_string_equal(b->want.masters[0].name, "eth0");
	assert_null(model_find_slave(&b->want.masters[0], "ns1", "b"));
	m = model_find_master(&b->want, "", "eth1");
	assert_string_equal(m->slaves[0].name, "z");
	assert_int_equal(model_find_slave(m, "ns2", "a")->addresses[0].addr.bytes[0], 9);
	assert_int_equal(model_find_slave(m, "ns2", "a")->addresses[1].addr.bytes[3], 2);
	assert_null(model_find_slave(m, "ns2", "b"));
	assert_null(model_find_master(&b->want, "ns1", "eth1"));
	assert_string_equal(model_find_netns(&b->want, "ns1")->name, "ns1");
	assert_null(model_find_netns(&b->want, "ns3"));
	assert_string_equal(model_slave_label(b->arena, &m->slaves[0]), "z");
	assert_string_equal(model_slave_label(b->arena, &m->slaves[1]), "ns1/b");
}

static void compares_routes(void **state)
{
	struct model_route a = route("2001:db8::/32"),
			   b = route("2001:db8::/32 metric 1024");
	struct model_route c = route("10.0.0.0/8"), d = route("10.0.0.0/8 metric 1024");

	(void)state;
	/* The kernel makes 1024 of IPv6's metric 0; IPv4's stays 0. */
	assert_true(model_route_equals(&a, &b));
	assert_false(model_route_equals(&c, &d));
	assert_int_not_equal(model_route_key_cmp(&a, &c), 0);
	d = c;
	d.via.family = AF_INET;
	assert_int_equal(model_route_key_cmp(&c, &d), 0);
	assert_false(model_route_equals(&c, &d));
	d = c;
	d.on_link = true;
	assert_true(model_route_equals(&c, &d));
	d.table = 7;
	assert_int_not_equal(model_route_key_cmp(&c, &d), 0);
}

static void writes_routes(void **state)
{
	struct bench *b = *state;
	struct model_route r = route("default via 10.0.0.1 metric 100");

	assert_string_equal(model_route_text(b->arena, &r),
			    "default via 10.0.0.1 metric 100");
	r.table = 7;
	r.on_link = true;
	r.from = r.via;
	assert_string_equal(
		model_route_text(b->arena, &r),
		"default via 10.0.0.1 src 10.0.0.1 metric 100 table 7 onlink");
	r = route("0.0.0.0/0");
	assert_string_equal(model_route_text(b->arena, &r), "default");
	r = route("::/0");
	assert_string_equal(model_route_text(b->arena, &r), "::/0");
	r = route("default via fe80::1");
	assert_string_equal(model_route_text(b->arena, &r), "default via fe80::1");
}

static void names_modes(void **state)
{
	enum model_mode mode = MODEL_MODE_L2;
	enum model_flag flag = MODEL_FLAG_BRIDGE;
	char buf[8];

	(void)state;
	assert_string_equal(model_mode_name(2, buf), "l3s");
	assert_string_equal(model_mode_name(9, buf), "9");
	assert_string_equal(model_flag_name(1, buf), "private");
	assert_true(model_mode_from_name("l3", &mode));
	assert_int_equal(mode, MODEL_MODE_L3);
	assert_true(model_flag_from_name("vepa", &flag));
	assert_int_equal(flag, MODEL_FLAG_VEPA);
	assert_false(model_mode_from_name("L3", &mode));
	assert_false(model_flag_from_name("", &flag));
}

static void writes_resolv_conf(void **state)
{
	struct bench *b = *state;
	struct model_slave s = {.nameservers = "10.3.3.3 2001:db8::53",
				.search = "a.net b.net"};

	assert_string_equal(
		model_resolv_conf(b->arena, &s),
		"# written by ipvl\nnameserver 10.3.3.3\nnameserver 2001:db8::53\n"
		"search a.net b.net\n");
	s = (struct model_slave){
		.nameservers = "", .search = "", .alias = "", .vrf = "", .pool = ""};
	assert_string_equal(model_resolv_conf(b->arena, &s), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sorts_and_finds, bench_setup,
						bench_teardown),
		cmocka_unit_test(compares_routes),
		cmocka_unit_test_setup_teardown(writes_routes, bench_setup,
						bench_teardown),
		cmocka_unit_test(names_modes),
		cmocka_unit_test_setup_teardown(writes_resolv_conf, bench_setup,
						bench_teardown),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
