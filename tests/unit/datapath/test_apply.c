/* Running a plan: order, failures and what they hold up, slices of time. */
#include "build.h"

#include "datapath/link_type.h"
#include "datapath/plugin.h"

#include <errno.h>
#include <string.h>

static void makes_and_removes(void **state)
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

static void tells_what_was_made(void **state)
{
	struct bench *b = *state;
	const struct plan_step *add, *space;
	const struct model_slave *made;

	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "ns1", "a", "");
	bench_plan(b);
	add = find_step(b, PLAN_OP_LINK_ADD, "ns1", "a");
	space = find_step(b, PLAN_OP_NETNS_ADD, NULL, NULL);
	bench_apply(b);
	bench_is_settled(b);
	made = seen(b, "eth0", "ns1", "a");
	assert_int_equal(b->results[add->id].ifindex, made->seen.ifindex);
	assert_memory_equal(b->results[add->id].mac, made->seen.mac, 6);
	assert_int_equal(b->results[add->id].mtu, made->seen.mtu);
	want_netns(b, "ns1");
	bench_plan(b);
	assert_int_equal(b->results[space->id].inode,
			 model_find_netns(b->have, "ns1")->seen.inode);
}

/* A macvlan has a MAC address of its own. */
static void tells_the_mac_of_what_was_made(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0", MODEL_MODE_L2);
	const struct model_slave *made;
	const struct plan_step *add;

	m->type = link_type_find("macvlan");
	assert_non_null(m->type);
	want_slave(b, m, "ns1", "a", "");
	bench_plan(b);
	add = find_step(b, PLAN_OP_LINK_ADD, "ns1", "a");
	bench_apply(b);
	bench_is_settled(b);
	made = seen(b, "eth0", "ns1", "a");
	assert_memory_equal(b->results[add->id].mac, made->seen.mac, 6);
	assert_memory_not_equal(made->seen.mac,
				model_find_master(b->have, "", "eth0")->seen.mac, 6);
}

/* A failed step skips what needs it, and that skips what needs that; the other slave goes
 * on. */
static void failure_holds_up_dependants_only(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0", MODEL_MODE_L2);

	want_route(b, want_slave(b, m, "ns1", "a", "10.0.0.2/24"),
		   "default via 10.0.0.1");
	want_route(b, want_slave(b, m, "ns2", "b", "10.0.0.3/24"),
		   "default via 10.0.0.1");
	bench_plan(b);
	sim_fail_step(b->dp, find_step(b, PLAN_OP_LINK_ADD, "ns1", "a")->id, ENOMEM);
	bench_apply(b);
	for (size_t i = 0; i < b->n_results; i++) {
		const struct plan_step *s = &b->plan->steps[i];
		bool is_a = s->want && !strcmp(s->want->name, "a");

		if (!is_a)
			assert_int_equal(b->results[i].kind, PLAN_DONE);
		else if (s->op == PLAN_OP_LINK_ADD)
			assert_int_equal(b->results[i].error->sys_errno, ENOMEM);
		else
			assert_int_equal(b->results[i].kind, PLAN_SKIPPED);
	}
	bench_converge(b);
}

static void slices_its_time(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0", MODEL_MODE_L2);
	struct apply *a;
	unsigned int slices = 1;

	for (unsigned int i = 0; i < 300; i++)
		want_slave(b, m, arena_printf(b->arena, "ns%u", i), "eth0",
			   arena_printf(b->arena, "10.0.%u.%u/16", i / 200, i % 200 + 1));
	bench_plan(b);
	assert_int_equal(b->plan->n_steps, 900);
	a = apply_new(b->dp, b->plan);
	while (!apply_run(a, 0)) {
		slices++;
		assert_true(sim_writes(b->dp) <= slices * 64);
	}
	assert_true(slices >= 900 / 64);
	apply_free(a);
	bench_is_settled(b);
}

static size_t count_made(const struct bench *b, const struct apply *a, enum plan_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < b->plan->n_steps; i++) {
		const struct plan_result *r = &apply_results(a)[i];

		n += b->plan->steps[i].op == op && (r->inode || r->ifindex);
	}
	return n;
}

/* A provider that keeps them open visits each once. */
static void finishes_a_few_namespaces_first(void **state)
{
	struct bench *b = *state;
	struct model_master *m = want_master(b, "eth0", MODEL_MODE_L2);
	size_t last = 0;
	struct apply *a;

	for (unsigned int i = 0; i < 40; i++)
		want_slave(b, m, arena_printf(b->arena, "ns%u", i), "eth0",
			   arena_printf(b->arena, "10.0.0.%u/16", i + 1));
	bench_plan(b);
	a = apply_new(b->dp, b->plan);
	while (!apply_run(a, 0)) {
		size_t namespaces = count_made(b, a, PLAN_OP_NETNS_ADD);
		size_t slaves = count_made(b, a, PLAN_OP_LINK_ADD);

		/* The next are begun when the last are finished. */
		assert_true(namespaces - slaves <= 8);
		assert_true(namespaces == last || slaves >= last);
		last = namespaces;
	}
	assert_int_equal(last, 40);
	apply_free(a);
	bench_is_settled(b);
}

/* What nothing is to be done for is done at once. */
static void empty_plan(void **state)
{
	struct bench *b = *state;
	struct apply *a;

	bench_plan(b);
	a = apply_new(b->dp, b->plan);
	assert_true(apply_run(a, 0));
	apply_free(a);
	apply_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_and_removes, bench_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(tells_the_mac_of_what_was_made,
						bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(tells_what_was_made, bench_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(failure_holds_up_dependants_only,
						bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(slices_its_time, bench_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(finishes_a_few_namespaces_first,
						bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(empty_plan, bench_setup, bench_teardown),
	};

	plugin_use(plugin_folder(""));
	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
