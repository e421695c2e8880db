/* Running a plan: order, failures and what they hold up, slices of time. */
#include "build.h"

#include <errno.h>
#include <string.h>

static void one_slave(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0", MODEL_MODE_L2);
	struct model_slave *s =
		want_slave(b, m, "ns1", "ipvl1", "10.0.0.2/24 2001:db8::2/64");

	want_route(b, s, "default via 10.0.0.1");
	want_namespaces(b, true);
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "ipvl1")->seen.presence, MODEL_OURS);
	assert_true(seen(b, "eth0", "ns1", "ipvl1")->seen.is_up);
	assert_int_equal(seen(b, "eth0", "ns1", "ipvl1")->n_addresses, 2);
	assert_int_equal(seen(b, "eth0", "ns1", "ipvl1")->n_routes, 1);

	b->want = (struct model){0};
	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "ns1", "ipvl1", "")->intent =
		MODEL_GONE;
	want_netns(b, "ns1")->is_ours = true;
	bench_converge(b);
	assert_int_equal(seen(b, "eth0", "ns1", "ipvl1")->seen.presence, MODEL_ABSENT);
	assert_true(seen(b, "eth0", "ns1", "ipvl1")->seen.namespace_missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_slave, bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
